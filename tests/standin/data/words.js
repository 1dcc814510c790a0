// The text of the seeded traces.

export const systemPrompt =
  'You answer questions of customers of a bicycle shop. Be brief and honest.';

export const exceptions = [
  'RateLimitError: Error code: 429 - request rate exceeded for this model',
  'TimeoutError: the model did not answer within 20 seconds',
  'ValueError: could not parse the tool arguments: Expecting value: line 1',
  'ContextLengthError: the prompt has 131904 tokens, the limit is 128000',
];

export const topics = [
  {
    name: 'refunds',
    questions: ['How long does a refund take?',
                'I want a refund for the broken brake lever.',
                'Can I get my money back after 40 days?'],
    answer: 'Refunds arrive within five working days after we get the part.',
  },
  {
    name: 'shipping',
    questions: ['Where is my order?', 'Do you deliver to Norway?',
                'What does express delivery cost?'],
    answer: 'We deliver across Europe; express costs 14 euros and takes a day.',
  },
  {
    name: 'repairs',
    questions: ['My chain slips in third gear, what should I do?',
                'How often should I have the fork serviced?',
                '¿Cuánto cuesta cambiar los frenos?'],
    answer: 'Check the cable tension first; a worn cassette also lets it slip.',
  },
  {
    name: 'sizes',
    questions: ['I am 1.82 m tall. Which frame fits?',
                'Is the gravel bike available in XS?',
                'フレームのサイズはどう測りますか？'],
    answer: 'At 1.82 m most riders choose a frame of 56 cm, or size L.',
  },
  {
    name: 'warranty',
    questions: ['Does the warranty cover a bent rim?',
                'How do I register my e-bike battery?'],
    answer: 'The warranty covers defects for two years, crashes excluded.',
  },
];

export const creatorOf = (project) =>
  Buffer.from(`User:${project.entityName}`).toString('base64');

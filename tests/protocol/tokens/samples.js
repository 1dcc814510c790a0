// Texts of each kind that an answer can hold: {name, text, most}. The estimate
// is at most `most` times the tokens of o200k_base. The same at each start.

let state = 7;
function random() {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return (state >>> 8) / 16777216;
}
const below = (n) => Math.floor(random() * n);
const list = (length, make) => Array.from({length}, (_, i) => make(i));
const some = (length, from) => list(length, () => from[below(from.length)])
  .join('');
const range = (from, to, length) => list(length, () =>
  String.fromCodePoint(from + below(to - from))).join('');

const digits = '0123456789';
const lower = 'abcdefghijklmnopqrstuvwxyz';
const letters = lower + lower.toUpperCase();
const hex = digits + 'abcdef';
const marks = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
const uuid = () => [8, 4, 4, 4, 12].map((n) => some(n, hex)).join('-');

const english = `The run diverged after step 1200: the learning rate of 0.9 is
too high for this batch size, and the gradient norm climbs from 1.2 to 30 while
the validation loss follows the training loss. Two of the workers restarted in
between, which explains the gap in the system metrics but not the loss itself.
Lower the learning rate to 0.1, or warm up over the first thousand steps, and
compare the two runs again. The dataset was not changed since the last report.`;
const code = `def evaluate(model, rows):
    """Scores each row; failures count as wrong."""
    correct = 0
    for row in rows:
        try:
            correct += int(model.predict(row["question"]) == row["answer"])
        except (ValueError, KeyError) as error:
            logger.warning("row %s failed: %r", row.get("id"), error)
    return {"accuracy": correct / max(len(rows), 1), "n": len(rows)}
`;
const trace = (i) => ({
  id: uuid(), op_name: `weave:///team/support-bot/op/Agent.answer:${some(43, letters + digits)}`,
  display_name: null, trace_id: uuid(), parent_id: i % 3 ? uuid() : null,
  started_at: `2025-06-${10 + i}T08:0${i % 10}:11.${some(6, digits)}Z`,
  inputs: {question: 'How do I reset my password?\nIt says "expired".',
           temperature: 0.7, top_k: 40},
  output: {answer: 'Open Settings > Security and choose "Send link".',
           sources: ['faq/passwords.md', 'faq/accounts.md']},
  summary: {usage: {'gpt-4o-mini-2024-07-18': {prompt_tokens: below(4000),
                                              completion_tokens: below(900)}},
            weave: {status: 'success', latency_ms: below(9000)}}});
const row = (i) => ({_step: i * 10, _timestamp: 1751284800 + random() * 1e4,
                     'train/loss': random(), 'val/accuracy': random(),
                     lr: random() / 1e4});

export const samples = [
  // What programs and people write.
  ['English', english, 1.4],
  ['English in JSON', JSON.stringify({text: english}), 1.4],
  ['code', code, 1.5],
  ['code in JSON', JSON.stringify({code}), 1.5],
  ['code in JSON in JSON', JSON.stringify([JSON.stringify({code})]), 1.6],
  ['traces', JSON.stringify(list(6, trace)), 1.25],
  ['history rows', JSON.stringify(list(20, row)), 1.25],
  ['config', JSON.stringify({
    learning_rate: 3e-4, batch_size: 64, optimizer: {name: 'adamw', betas:
    [0.9, 0.999], weight_decay: 0.01}, model: {hidden_size: 4096, num_layers:
    32, vocab_size: 128256, use_flash_attention: true}, seed: 42,
    output_dir: '/mnt/data/checkpoints/llama-sft', notes: null}), 1.4],
  ['metric names', JSON.stringify(list(60, (i) =>
    `layers/${i}/self_attn/q_proj/grad_norm`)), 1.4],
  ['file names', list(40, (i) => `media/images/val_${i}_${some(20, hex)}.png`)
    .join('\n'), 1.25],
  ['timestamps', JSON.stringify(list(40, (i) =>
    new Date(1751284800000 + i * 61_007).toISOString())), 1.25],
  ['links', list(20, () => `https://wandb.ai/team/vision-baselines/runs/${
    some(8, lower + digits)}?nw=nwuser`).join(' '), 1.35],
  ['log lines', list(20, (i) => `[2025-06-30 12:00:${10 + i}] WARNING rank${
    i}: nccl timeout (${i * 1000} ms), retrying 3/5`).join('\n'), 1.35],
  ['markdown table', list(20, (i) => `| run-${i} | ${random().toFixed(4)} | ok |`)
    .join('\n'), 1.5],
  ['CAPITALS', english.toUpperCase(), 2],
  ['German', `Der Lauf ist nach Schritt 1200 auseinandergelaufen: Die Lernrate
ist für diese Stapelgröße zu hoch, und die Validierung folgt dem Training. Bitte
die Lernrate senken und die beiden Läufe noch einmal vergleichen.`, 2],
  ['French', `L'entraînement a divergé après l'étape 1200 : le taux
d'apprentissage est trop élevé, et la perte de validation suit la perte
d'entraînement. Réduisez-le et comparez de nouveau.`, 2],
  ['Chinese', `人工智能是计算机科学的一个分支,它企图了解智能的实质,并生产出一种
新的能以人类智能相似的方式做出反应的智能机器。研究包括机器人、语言识别、图像识别、
自然语言处理和专家系统等。`, 1.7],
  ['Japanese', '機械学習モデルの訓練を行います。損失が下がらないので、学習率を'
    + '小さくしてください。検証データの精度も確認します。', 2],
  ['Korean', '기계 학습 모델을 훈련합니다. 손실이 줄지 않으므로 학습률을 낮추고 '
    + '검증 데이터의 정확도도 확인하세요.', 2.5],
  ['Russian', 'Модель разошлась после шага 1200: скорость обучения слишком '
    + 'велика, потери на проверке растут вместе с потерями на обучении.', 6],
  ['Arabic', 'تباعد النموذج بعد الخطوة لأن معدل التعلم مرتفع جدا', 4],
  ['Hindi', 'मॉडल का प्रशिक्षण धीमा है, सीखने की दर कम करें', 6],

  // What nobody writes but programs, and those who would overflow us.
  ['digits', some(900, digits), 1.02],
  ['short numbers', list(300, () => below(1000)).join(','), 1.15],
  ['floats', list(60, () => random()).join(','), 1.1],
  ['small floats', list(60, () => random() * 1e-7).join(','), 1.2],
  ['one digit and a blank', list(300, () => below(10)).join(' '), 1.1],
  ['hex', some(900, hex), 1.2],
  ['HEX', some(900, hex.toUpperCase()), 1.2],
  ['UUIDs', list(25, uuid).join(','), 1.15],
  ['base64', some(900, letters + digits + '+/'), 1.1],
  ['run ids', JSON.stringify(list(80, () => some(8, lower + digits))), 1.3],
  ['random letters', some(900, lower), 1.15],
  ['random words', list(150, () => some(1 + below(10), lower)).join(' '), 1.15],
  ['random capitals', some(900, lower.toUpperCase()), 1.15],
  ['random mixed case', some(900, letters), 1.1],
  ['letter, digit', list(300, () => some(1, lower) + some(1, digits)).join(''),
   1.02],
  ['letters apart', list(300, () => some(1, letters)).join(' '), 1.1],
  ['words joined', list(100, () => ['loss', 'train', 'model', 'rate', 'error',
    'answer'][below(6)]).join(''), 2.3],
  ['aaaa', 'a'.repeat(900), 6],
  ['random marks', some(900, marks), 1.15],
  ['marks and letters', list(300, () => some(1, marks) + some(2, lower))
    .join(''), 1.3],
  ['quotes in JSON', JSON.stringify('"'.repeat(400)), 1.6],
  ['backslashes in JSON', JSON.stringify('\\'.repeat(400)), 4],
  ['line ends in JSON', JSON.stringify('\n'.repeat(400)), 2.5],
  ['control characters in JSON', JSON.stringify(list(150, () =>
    String.fromCharCode(1 + below(7))).join('')), 1.4],
  ['separators', '":'.repeat(300), 1.3],
  ['separators in JSON', JSON.stringify('":'.repeat(200) + '",'.repeat(200)),
   1.6],
  ['short runs of marks', list(200, () => some(3, marks) + some(1, lower))
    .join(''), 1.3],
  ['empty lists', JSON.stringify(list(200, () => [])), 2],
  ['nulls', JSON.stringify(list(200, () => null)), 2],
  ['small objects', JSON.stringify(list(100, () => ({a: 1}))), 1.5],
  ['nested', '['.repeat(300) + ']'.repeat(300), 20],
  ['blanks', ' '.repeat(900), 10],
  ['line ends', '\n'.repeat(900), 10],
  ['blanks and line ends', ' \n'.repeat(400), 4],
  ['tabs and words', list(150, () => `\tx\t\ty`).join('\n'), 1.6],
  ['dots', '.'.repeat(900), 40],
  ['dashes', '-'.repeat(900), 60],
  ['emoji', range(0x1f300, 0x1f64f, 200), 1.15],
  ['newer emoji', range(0x1f900, 0x1faff, 200), 1.15],
  ['families', '👨‍👩‍👧‍👦'.repeat(40), 1.6],
  ['flags', '🇨🇳🇺🇸🇩🇪🇺🇦'.repeat(30), 1.2],
  ['hearts', '❤️✅⚠️🔥🚀'.repeat(40), 1.9],
  ['rare ideographs', range(0x4e00, 0x9fff, 300), 1.15],
  ['oldest ideographs', range(0x20000, 0x2a6df, 150), 1.05],
  ['rare Hangul', range(0xac00, 0xd7a3, 300), 1.15],
  ['Kana', range(0x3041, 0x30fe, 300), 1.15],
  ['accents', range(0xc0, 0x250, 300), 1.25],
  ['random Greek', range(0x391, 0x3c9, 300), 1.15],
  ['random Cyrillic', range(0x410, 0x450, 300), 1.35],
  ['random Arabic', range(0x620, 0x64a, 300), 1.2],
  ['random Devanagari', range(0x904, 0x939, 300), 1.5],
  ['random Thai', range(0xe01, 0xe30, 300), 1.6],
  ['arrows and boxes', range(0x2190, 0x2600, 300), 1.15],
  ['Braille', range(0x2801, 0x28ff, 300), 1.1],
  ['mathematical letters', range(0x1d400, 0x1d7cb, 200), 1.5],
  ['Ethiopic', range(0x1200, 0x1357, 200), 1.6],
  ['private characters', range(0xe000, 0xf8ff, 200), 1.1],
  ['combining accents', list(150, () => some(1, lower) + range(0x300, 0x36f, 2))
    .join(''), 1.3],
].map(([name, text, most]) => ({name, text, most}));

// Writes the samples and how many tokens o200k_base makes of each, as the C++
// test reads them. tests/clients/tokens.test.js holds that they are still right.
//
//   node tests/protocol/tokens/count_samples.js >tests/protocol/tokens/samples.json

import {encode} from 'gpt-tokenizer/encoding/o200k_base';
import {samples} from './samples.js';

console.log(JSON.stringify(samples.map((sample) => ({
  ...sample,
  tokens: encode(sample.text, {disallowedSpecial: new Set()}).length,
})), null, 1));

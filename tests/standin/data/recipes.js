// How the seeded runs went. Each recipe gives the rows of one history.

import {round} from './random.js';

const steps = (n, row) => Array.from({length: n}, (_, i) => row(i, i / n));

/// Loss falls to a plateau, validation follows: nothing to complain about.
export const healthy = (n = 1000) => (r) => steps(n, (i, t) => {
  const loss = 0.08 + 2.2 * Math.exp(-5 * t) + 0.01 * r.noise();
  return {
    loss: round(loss),
    val_loss: round(loss * 1.08 + 0.01 * r.noise()),
    accuracy: round(Math.min(0.99, 0.97 - 0.85 * Math.exp(-5 * t)
                             + 0.004 * r.noise())),
    lr: round(0.1 * (1 + Math.cos(Math.PI * t)) / 2, 8),
    epoch: Math.floor(t * 10),
  };
});

/// The learning rate is too high; after a quarter the loss climbs for good.
export const diverging = (n = 800) => (r) => steps(n, (i, t) => {
  const loss = t < 0.25 ? 2.3 - 3 * t : 1.55 * Math.exp(3 * (t - 0.25));
  return {
    loss: round(loss + 0.02 * r.noise()),
    val_loss: round(loss * 1.1 + 0.03 * r.noise()),
    grad_norm: round(1 + 30 * t * t + Math.abs(r.noise())),
    lr: 0.9,
  };
});

/// Healthy until step 600, where a division by zero poisons the weights.
export const withNaN = (n = 1000) => (r) => steps(n, (i, t) => ({
  loss: i < 600 ? round(0.2 + 2 * Math.exp(-5 * t) + 0.01 * r.noise()) : NaN,
  grad_norm: i === 598 ? 1e6 : i === 599 ? Infinity
    : i < 598 ? round(1 + Math.abs(r.noise()), 4) : NaN,
  log_prob: i === 600 ? -Infinity : round(-1 - t, 4),
  lr: 0.05,
}));

/// Training goes on improving while validation turns at 40 %.
export const overfitting = (n = 1000) => (r) => steps(n, (i, t) => ({
  'train/loss': round(0.02 + 2.2 * Math.exp(-6 * t) + 0.01 * r.noise()),
  'val/loss': round((t < 0.2 ? 2.3 - 6 * t : 1.1 + 2.2 * (t - 0.2))
                    + 0.02 * r.noise()),
  'train/accuracy': round(1 - 0.9 * Math.exp(-6 * t)),
  'val/accuracy': round(0.62 - 0.1 * t + 0.01 * r.noise()),
}));

/// Stops in the middle of an epoch, without a last evaluation.
export const crashed = (n = 137) => (r) => steps(n, (i) => ({
  loss: round(2.3 * Math.exp(-i / 200) + 0.02 * r.noise()),
  gpu_memory_gb: round(11 + i * 0.094, 3),
}));

/// Fifty thousand steps: more than anybody wants to read.
export const long = (n = 50_000) => (r) => steps(n, (i, t) => ({
  loss: round(3 * Math.exp(-4 * t) + 0.3 + 0.05 * r.noise(), 4),
  tokens: i * 4096,
  throughput: round(81_000 + 900 * r.noise(), 1),
}));

/// Metrics logged at different steps: no row holds two of them, so asking for
/// both in one sample specification finds nothing.
export const sparse = (n = 2000) => (r) => {
  const rows = [];
  for (let i = 0; i < n; ++i) {
    if (i % 50 === 25)
      rows.push({_step: i, 'eval/accuracy': round(0.5 + i / 5000)});
    else if (i % 50 === 26)
      rows.push({_step: i, 'eval/loss': round(1.2 - i / 2500)});
    else if (i % 2 === 0)
      rows.push({_step: i, 'train/loss': round(2 * Math.exp(-i / 600)
                                               + 0.01 * r.noise())});
  }
  rows.push({_step: n, checkpoint: 'step-2000.pt'});
  return rows;
};

/// A log likelihood: good means more negative.
export const negative = (n = 600) => (r) => steps(n, (i, t) => ({
  loss: round(-1 - 8 * t + 0.05 * r.noise()),
}));

export const short = (n = 40) => (r) => steps(n, (i, t) => ({
  loss: round(1.5 * Math.exp(-2 * t) + 0.02 * r.noise()),
  accuracy: round(0.4 + 0.5 * t + 0.01 * r.noise()),
}));

/// Nested values and one very wide row set: hundreds of metric names.
export const wide = (n = 120, layers = 250) => (r) => steps(n, (i, t) => {
  const row = {loss: round(2 * Math.exp(-3 * t))};
  for (let k = 0; k < layers; ++k)
    row[`layers/${k}/grad_norm`] = round(Math.abs(r.noise()), 4);
  return row;
});

// The record of what was asked, and the faults a test asks for.

const mostEntries = 20_000;
const mostBody = 64 * 1024;

/// Every request to the services, oldest first, without credentials.
export class Journal {
  constructor() {
    this.entries = [];
    this.open = 0;
  }

  add(entry) {
    this.entries.push(entry);
    if (this.entries.length > mostEntries)
      this.entries.splice(0, mostEntries / 10);
  }

  find({user, path}) {
    return this.entries.filter(
      (e) => (!user || e.user === user) && (!path || e.path.includes(path)));
  }

  clear() {
    this.entries = [];
  }
}

/// The body for the journal: parsed when it is JSON, cut when it is long. A key
/// has no business in a body; it is masked, and the entry says that it was.
export function recordable(raw, keys) {
  let leaked = false;
  const text = raw.toString('utf8').replace(/[A-Za-z0-9_]{40,}/g, (word) => {
    if (!keys.has(word))
      return word;
    leaked = true;
    return '[key]';
  });
  let body = text;
  if (text.length <= mostBody) {
    try {
      body = JSON.parse(text);
    } catch {
      // Not JSON: kept as it came.
    }
  } else {
    body = `${text.slice(0, mostBody)}...`;
  }
  return leaked ? {body, key_in_body: true} : {body};
}

const targets = new Set(['graphql', 'files', 'traces', 'docs', 'all']);
const faults = new Set(['delay', 'status', 'limit', 'cut', 'garbage', 'hang',
                        'gzip_bomb', 'drip', 'off']);

export class Faults {
  constructor() {
    this.active = [];
  }

  /// Adds what a control request describes; `off` takes away what matches its
  /// target (all of them: everything). Gives a reason when it makes no sense.
  set(order) {
    const {target = 'all', fault} = order ?? {};
    if (!targets.has(target))
      return `target must be one of ${[...targets].join(', ')}`;
    if (!faults.has(fault))
      return `fault must be one of ${[...faults].join(', ')}`;
    if (fault === 'off')
      this.active = target === 'all' ? []
        : this.active.filter((f) => f.target !== target);
    else
      this.active.push({...order, target, left: order.times ?? Infinity});
    return null;
  }

  clear() {
    this.active = [];
  }

  /// The faults for one request: any number that only slow it down, and the
  /// first that spoils it. Each one taken counts against its `times`.
  take(target, user, subject) {
    const taken = [];
    let spoiled = false;
    for (const fault of this.active) {
      const slows = fault.fault === 'delay' || fault.fault === 'drip';
      if ((fault.target !== 'all' && fault.target !== target)
          || (fault.user && fault.user !== user)
          || (fault.match && !subject.includes(fault.match))
          || (!slows && spoiled))
        continue;
      taken.push(fault);
      --fault.left;
      spoiled ||= !slows;
    }
    this.active = this.active.filter((f) => f.left > 0);
    return taken;
  }
}

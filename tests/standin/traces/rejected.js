/// A request the trace server refuses. 422 lists what is wrong, in the shape
/// FastAPI gives; other statuses carry one sentence.
export class Rejected extends Error {
  constructor(status, detail) {
    super(JSON.stringify(detail));
    this.status = status;
    this.body = {detail};
  }
}

export const invalid = (loc, msg, type = 'value_error') =>
  new Rejected(422, [{type, loc: ['body', ...loc], msg}]);

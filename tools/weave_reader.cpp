#include "tools/weave_reader.hpp"

#include "protocol/wandb/weave_call.hpp"

namespace mcp::tools {
namespace {

bool is_transport(errc code) {
  return code == errc::upstream_timeout || code == errc::upstream_unavailable;
}

} // namespace

bool call_reader::row(std::string_view padded_line) {
  received_ += padded_line.size() + 1;
  const bool full = seen_ >= bounds_.max_rows;
  if (full || received_ > bounds_.max_received_bytes) {
    stopped_ = !full;
    more_ = true;
    return false;
  }
  auto call = wandb::read_call(padded_line);
  if (!call)
    throw failure_exception(call.error());
  take(std::move(*call));
  ++seen_;
  return true;
}

task<std::optional<failure>> read_calls(call_context& context,
                                        wandb::calls_query query,
                                        std::shared_ptr<call_reader> reader) {
  std::optional<failure> cut;
  try {
    co_await context.weave_rows(std::string(wandb::stream_query_path),
                                wandb::stream_query_body(query), reader);
  } catch (const failure_exception& e) {
    if (!is_transport(e.reason.code) || reader->seen() == 0)
      throw;
    cut = e.reason;
  }
  co_return cut;
}

} // namespace mcp::tools

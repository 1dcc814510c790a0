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
  const bool full = came() >= bounds_.max_rows;
  if (full || received_ > bounds_.max_received_bytes) {
    stopped_ = !full;
    more_ = true;
    return false;
  }
  auto call = wandb::read_call(padded_line);
  if (!call && call.error().code == errc::upstream_garbage) {
    ++unreadable_;
    return true;
  }
  if (!call)
    throw failure_exception(call.error());
  take(std::move(*call));
  ++seen_;
  return true;
}

std::string unreadable_note(const call_reader& reader) {
  const auto n = reader.unreadable();
  if (n == 0)
    return {};
  return std::to_string(n)
         + (n == 1 ? " call that came could not be read and is"
                   : " calls that came could not be read and are")
         + " left out: what W&B sent is no JSON.";
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
  if (reader->seen() == 0 && reader->unreadable() > 0)
    throw failure_exception(
      {.code = errc::upstream_garbage,
       .message = "The Weave trace server sent "
                  + std::to_string(reader->unreadable())
                  + (reader->unreadable() == 1 ? " line that is not a call."
                                               : " lines that are no calls.")});
  co_return cut;
}

} // namespace mcp::tools

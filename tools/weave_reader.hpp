#pragma once

#include "protocol/wandb/weave_query.hpp"
#include "tools/context.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

// Reading the calls that the trace server streams.

namespace mcp::tools {

/// Takes the calls of a streamed answer one by one, within bounds. It refers to
/// nothing outside itself: it may outlive the tool's coroutine.
class call_reader : public row_reader {
public:
  struct bounds {
    std::size_t max_rows = 0;           // more than that is not read
    std::size_t max_received_bytes = 0; // then the stream is left
  };

  explicit call_reader(const bounds& b) : bounds_(b) {}

  /// Throws `failure_exception` when the line says that W&B failed. A line that
  /// can not be read is counted and left out, so that those beside it come.
  bool row(std::string_view padded_line) final;

  /// How many calls were taken so far.
  std::size_t seen() const { return seen_; }
  /// How many lines were no calls; they count against `max_rows` as well.
  std::size_t unreadable() const { return unreadable_; }
  /// Calls that came, whether they could be read or not.
  std::size_t came() const { return seen_ + unreadable_; }
  /// True when the stream was left because of `max_received_bytes`.
  bool stopped() const { return stopped_; }
  /// True when a call came that was not taken, for either bound. Whoever asks
  /// for one call more than `max_rows` so learns whether there is one.
  bool more() const { return more_; }
  std::size_t max_received_bytes() const { return bounds_.max_received_bytes; }

protected:
  /// One call, an object with a text "id". `seen` counts those before it.
  virtual void take(boost::json::object call) = 0;

private:
  const bounds bounds_;
  std::size_t seen_ = 0;
  std::size_t unreadable_ = 0;
  std::size_t received_ = 0;
  bool stopped_ = false;
  bool more_ = false;
};

/// "2 calls came that could not be read." with what it means for the answer;
/// empty when all could be read.
std::string unreadable_note(const call_reader& reader);

/// Sends the query and feeds `reader`.
/// Gives:  nothing when the answer was read as far as the reader wanted. A
///         stream that breaks off after some calls is no failure either: why it
///         broke off.
/// Throws: `failure_exception`; also when not one of the lines that came could
///         be read (`upstream_garbage`).
task<std::optional<failure>> read_calls(call_context& context,
                                        wandb::calls_query query,
                                        std::shared_ptr<call_reader> reader);

} // namespace mcp::tools

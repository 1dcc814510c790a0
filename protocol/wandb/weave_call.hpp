#pragma once

#include "protocol/errors.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string_view>

// Reading one call, that is one line of a stream_query answer.

namespace mcp::wandb {

/// Reads one line. At least 64 readable bytes must follow it.
/// Gives:  the call, an object with a text "id". A value in it that JSON does
///         not have, or that is nested too deep, is a text (lenient.hpp).
/// Errors: `upstream_error` the line is an error object ("error", "detail" or
///         "reason" instead of an id): the server failed after it had sent its
///         200; the message holds up to 500 characters of what it says.
///         `upstream_garbage` anything else.
[[nodiscard]] result<boost::json::object>
read_call(std::string_view padded_line);

/// summary.weave.status, or else a text "status" on top; empty when there is
/// neither.
[[nodiscard]] std::string_view call_status(const boost::json::object& call);

/// summary.weave.latency_ms, or else "latency_ms" on top; null when the call
/// still runs.
[[nodiscard]] boost::json::value call_latency(const boost::json::object& call);

/// summary.weave.costs by model; null when there are none.
[[nodiscard]] const boost::json::object*
call_costs(const boost::json::object& call);

/// summary.weave.feedback; null when there is none.
[[nodiscard]] const boost::json::value*
call_feedback(const boost::json::object& call);

struct call_cost {
  double prompt = 0; // US dollars, all models together
  double completion = 0;
  double total() const { return prompt + completion; }
};

/// Adds up the costs of all models; empty when the call has none.
[[nodiscard]] std::optional<call_cost> cost_of(const boost::json::object& call);

/// "predict" of "weave:///acme/bot/op/predict:9f"; empty when it is no such
/// name.
[[nodiscard]] std::string_view short_op_name(std::string_view op_name);

} // namespace mcp::wandb

#pragma once

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The names that people know and the ones that the trace server compares: an
// op is "predict" to us and "weave:///acme/bot/op/predict:9f" to it, a run
// "4f8kz2qp" and "acme/bot/4f8kz2qp".

namespace mcp::wandb {

/// What an op's name may be in the server's list of op names. `project_id` is
/// "entity/project".
/// Takes:  a whole reference, with or without a version, or with ":*" for all
///         versions; a name, likewise.
/// Gives:  the references meant, and for a name also itself: calls that came
///         by OpenTelemetry have names that are no references.
[[nodiscard]] std::vector<std::string> op_names_of(std::string_view name,
                                                   std::string_view project_id);

/// The same as an expression, which needs no project. A version may be given
/// by its beginning.
[[nodiscard]] boost::json::object op_is(std::string_view name);

/// "acme/bot/4f8kz2qp" of "4f8kz2qp"; what has a slash stays as it is.
[[nodiscard]] std::string run_id_of(std::string_view id,
                                    std::string_view project_id);

/// The run as an expression. The server compares its own ids there and not the
/// ones that it shows, so this finds the run's short id at an id's end or
/// followed by more: of two runs "a" and "ab", "a" finds both.
[[nodiscard]] boost::json::object run_is(std::string_view id);

/// A regular expression that says no more than a text, which is what the server
/// can do.
struct plain_regex {
  std::string text;
  bool whole = false; // ^text$: equal to it; else it holds it
  bool any_case = false;
};

/// Reads `pattern`: literal characters, escaped or not; (?i) before; ^ and $
/// around, or .* at either end. Empty for everything else.
[[nodiscard]] std::optional<plain_regex> read_regex(std::string_view pattern);

} // namespace mcp::wandb

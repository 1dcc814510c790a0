#pragma once

#include "protocol/errors.hpp"
#include "protocol/mcp/version.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mcp {

/// The params of completion/complete.
struct completion_question {
  enum class subject { prompt, resource_template };
  subject of = subject::prompt;
  std::string name;     // the prompt's name, or the URI template
  std::string argument; // the argument that is being typed
  std::string typed;    // what there is of it
  /// The arguments that are decided already.
  std::map<std::string, std::string, std::less<>> context = {};
};

/// Errors: `invalid_params` naming the member that is missing or mistyped.
///         Members of "context" that are not texts are passed over.
[[nodiscard]] result<completion_question>
read_completion(const boost::json::object& params);

/// What fits, best first.
struct completion_matches {
  static constexpr std::size_t max_values = 100;
  std::vector<std::string> values; // at most that many
  std::size_t total = 0;           // of all that fit
  [[nodiscard]] bool has_more() const { return total > values.size(); }
};

/// The candidates that contain `typed`: first those that start with it, then
/// those where a word does (after anything but a letter or digit, or at a
/// capital after a small letter), then the others; each group in the order of
/// the candidates, and none twice. ASCII letters match in any case. All fit an
/// empty text.
[[nodiscard]] completion_matches
match_completion(std::string_view typed,
                 const std::vector<std::string>& candidates);

/// {"completion":{"values":[...],"total":N,"hasMore":...}}
[[nodiscard]] boost::json::object
completion_result(const completion_matches& matches);

} // namespace mcp

#include "tools/artifact_answer.hpp"

#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::size_t most_named = 50;
constexpr std::size_t longest_name = 100;
// What the report of the cut needs: the names, a count, punctuation.
constexpr std::size_t report_size = most_named * (longest_name + 4) + 200;

/// Cuts lists and texts; true when that was enough.
bool shrink_object(json::object& answer, std::size_t max_size) {
  json::value whole = std::move(answer);
  const bool fits = shrink(whole, max_size);
  answer = std::move(whole.get_object());
  return fits;
}

json::array names_for_report(const std::vector<std::string>& names,
                             std::size_t max_size) {
  json::array out;
  std::size_t used = 0;
  for (const auto& name : names) {
    auto shown = shorten(name, longest_name);
    used += token_size(json::value(shown)) + 1;
    if (out.size() >= most_named || used > max_size)
      break;
    out.emplace_back(std::move(shown));
  }
  return out;
}

json::object* object_in(json::object& from, std::string_view name) {
  auto* found = from.if_contains(name);
  return found ? found->if_object() : nullptr;
}

// A value can be one long text or a deep nest of small members: those a list
// cut does not shorten, so each member has to be looked at by its size.
std::size_t room_for(json::object& answer, json::object& part,
                     std::size_t max_size) {
  json::object taken = std::move(part);
  part = {};
  const auto rest = token_size(answer);
  part = std::move(taken);
  const auto reserve = std::min(report_size, max_size / 4);
  return max_size > rest + reserve ? max_size - rest - reserve : 0;
}

} // namespace

std::vector<std::string> keep_what_fits(json::object& object,
                                        std::size_t max_size) {
  std::vector<std::string> left_out;
  json::object kept;
  std::size_t used = 2;
  for (auto& member : object) {
    const auto size =
      token_size(json::value(member.key())) + token_size(member.value()) + 2;
    if (used + size > max_size) {
      left_out.emplace_back(member.key());
      continue;
    }
    used += size;
    kept.emplace(member.key(), std::move(member.value()));
  }
  object = std::move(kept);
  return left_out;
}

void fit_details(json::object& answer, std::size_t max_size) {
  if (token_size(answer) <= max_size)
    return;
  answer["truncated"] = true;
  answer["truncation_note"] =
    "The ends of long lists, texts beyond 500 bytes and large members of the "
    "metadata were left out to keep the answer short. Lower max_files for "
    "fewer files; query_wandb_tool can read the artifact's metadata alone.";
  if (shrink_object(answer, max_size))
    return;
  auto* artifact = object_in(answer, "artifact");
  auto* metadata = artifact ? object_in(*artifact, "metadata") : nullptr;
  if (!metadata)
    return;
  const auto left_out =
    keep_what_fits(*metadata, room_for(answer, *metadata, max_size));
  answer["metadata_omitted_count"] = left_out.size();
  answer["metadata_omitted_keys"] =
    names_for_report(left_out, std::min(report_size, max_size / 4) / 2);
}

void fit_comparison(json::object& answer, std::size_t max_size) {
  if (token_size(answer) <= max_size)
    return;
  answer["truncated"] = true;
  answer["truncation_note"] =
    "The ends of long lists, texts beyond 500 bytes and large members of "
    "metadata_diff were left out to keep the answer short. Lower "
    "max_file_diff_entries, or read one side with get_artifact_details_tool.";
  if (shrink_object(answer, max_size))
    return;
  auto* diff = object_in(answer, "metadata_diff");
  if (!diff)
    return;
  std::vector<std::string> left_out;
  for (const auto* name : {"changed", "added", "removed"}) {
    auto* part = object_in(*diff, name);
    if (!part || token_size(answer) + report_size / 2 <= max_size)
      continue;
    // The first part gets what the others leave; what they need is small
    // unless they are to be cut as well.
    auto names = keep_what_fits(*part, room_for(answer, *part, max_size));
    std::move(names.begin(), names.end(), std::back_inserter(left_out));
  }
  answer["metadata_omitted_count"] = left_out.size();
  answer["metadata_omitted_keys"] =
    names_for_report(left_out, std::min(report_size, max_size / 4) / 2);
}

} // namespace mcp::tools

#include "tools/artifact_diff.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace mcp::tools {
namespace {

// 1 and 1.0 are the same value to whoever logged them.
bool same_value(const json::value& x, const json::value& y) {
  if (x == y)
    return true;
  if (x.is_double() != y.is_double() && x.is_number() && y.is_number())
    return x.to_number<double>() == y.to_number<double>();
  return false;
}

json::object metadata_diff(const json::object& a, const json::object& b) {
  json::object added, removed, changed;
  for (const auto& member : b)
    if (!a.contains(member.key()))
      added.emplace(member.key(), member.value());
  for (const auto& member : a) {
    const auto* other = b.if_contains(member.key());
    if (!other) {
      removed.emplace(member.key(), member.value());
    } else if (!same_value(member.value(), *other)) {
      json::object both{{"a", member.value()}, {"b", *other}};
      changed.emplace(member.key(), std::move(both));
    }
  }
  return {{"added", std::move(added)},
          {"removed", std::move(removed)},
          {"changed", std::move(changed)}};
}

json::array without(const json::array& names, const json::array& known) {
  json::array out;
  for (const auto& name : names)
    if (std::find(known.begin(), known.end(), name) == known.end())
      out.push_back(name);
  return out;
}

json::object names_diff(const json::array& a, const json::array& b) {
  return {{"added", without(b, a)}, {"removed", without(a, b)}};
}

json::object number_diff(const json::value& a, const json::value& b) {
  json::object out{{"a", a}, {"b", b}, {"delta", nullptr}};
  // Both come from the upstream as 64 bits: the difference may not fit.
  std::int64_t delta = 0;
  if (a.is_int64() && b.is_int64()
      && !__builtin_sub_overflow(b.get_int64(), a.get_int64(), &delta))
    out["delta"] = delta;
  return out;
}

json::object size_diff(const json::value& a, const json::value& b) {
  auto out = number_diff(a, b);
  out["percent_change"] = nullptr;
  if (out.at("delta").is_int64() && a.get_int64() != 0) {
    const auto percent = 100.0
                         * static_cast<double>(out.at("delta").get_int64())
                         / static_cast<double>(a.get_int64());
    out["percent_change"] = std::round(percent * 100) / 100;
  }
  return out;
}

/// Run ids are unique in a project only.
bool same_run(const json::value& a, const json::value& b) {
  if (!a.is_object() || !b.is_object())
    return false;
  for (const auto* name : {"run_id", "project", "entity"})
    if (a.at(name) != b.at(name))
      return false;
  return true;
}

using by_name = std::map<std::string_view, const artifact_file*>;

bool in_order(const file_listing& l) {
  return std::is_sorted(
    l.files.begin(), l.files.end(),
    [](const auto& x, const auto& y) { return x.name < y.name; });
}

/// The last name up to which a cut listing is known to be whole.
std::optional<std::string_view> known_end(const file_listing& a,
                                          const file_listing& b) {
  std::optional<std::string_view> out;
  for (const auto* l : {&a, &b})
    if (l->more && !l->files.empty() && (!out || l->files.back().name < *out))
      out = l->files.back().name;
  return out;
}

by_name names_up_to(const file_listing& l,
                    std::optional<std::string_view> end) {
  by_name out;
  for (const auto& file : l.files)
    if (!end || file.name <= *end)
      out.emplace(file.name, &file);
  return out;
}

bool is_modified(const artifact_file& a, const artifact_file& b) {
  if (a.digest.empty() || b.digest.empty())
    return a.size != b.size;
  return a.digest != b.digest;
}

json::object modified_row(const artifact_file& a, const artifact_file& b) {
  json::object out{{"name", a.name}, {"size_a", nullptr}, {"size_b", nullptr}};
  if (a.size)
    out["size_a"] = *a.size;
  if (b.size)
    out["size_b"] = *b.size;
  return out;
}

} // namespace

void add_differences(json::object& answer, const artifact_info& a,
                     const artifact_info& b) {
  answer["version_a"] = a.record.at("version");
  answer["version_b"] = b.record.at("version");
  answer["metadata_diff"] = metadata_diff(a.metadata, b.metadata);
  answer["tags_diff"] = names_diff(a.tags, b.tags);
  answer["aliases_diff"] = names_diff(a.aliases, b.aliases);
  answer["size_diff"] = size_diff(a.record.at("size"), b.record.at("size"));
  answer["file_count_diff"] =
    number_diff(a.record.at("file_count"), b.record.at("file_count"));
  json::object lineage{{"logged_by_a", a.logged_by},
                       {"logged_by_b", b.logged_by},
                       {"same_source_run", same_run(a.logged_by, b.logged_by)}};
  answer["lineage_diff"] = std::move(lineage);
  answer["digest_match"] = !a.digest.empty() && a.digest == b.digest;
  json::array warnings;
  for (const auto* side : {&a, &b})
    for (const auto& warning : side->warnings)
      warnings.emplace_back((side == &a ? "a: " : "b: ") + warning);
  if (!warnings.empty())
    answer["warnings"] = std::move(warnings);
}

json::object file_diff(const file_listing& a, const file_listing& b,
                       std::size_t most_shown) {
  const bool cut = a.more || b.more;
  const bool ordered = in_order(a) && in_order(b);
  const auto end = cut && ordered ? known_end(a, b) : std::nullopt;
  const auto before = names_up_to(a, end);
  const auto after = names_up_to(b, end);

  json::array added, removed, modified;
  std::size_t added_count = 0, removed_count = 0, modified_count = 0;
  std::size_t unchanged = 0;
  for (const auto& [name, file] : after)
    if (!before.contains(name) && ++added_count <= most_shown)
      added.push_back(file->row());
  for (const auto& [name, file] : before)
    if (!after.contains(name) && ++removed_count + added.size() <= most_shown)
      removed.push_back(file->row());
  for (const auto& [name, file] : before) {
    const auto other = after.find(name);
    if (other == after.end())
      continue;
    if (!is_modified(*file, *other->second))
      ++unchanged;
    else if (++modified_count + added.size() + removed.size() <= most_shown)
      modified.push_back(modified_row(*file, *other->second));
  }
  const bool entries_cut = added_count + removed_count + modified_count
                           > added.size() + removed.size() + modified.size();
  json::object out{
    {"added", std::move(added)},        {"removed", std::move(removed)},
    {"modified", std::move(modified)},  {"added_count", added_count},
    {"removed_count", removed_count},   {"modified_count", modified_count},
    {"unchanged_count", unchanged},     {"files_listed_a", a.files.size()},
    {"files_listed_b", b.files.size()}, {"truncated", cut || entries_cut}};
  if (cut)
    out["note"] =
      ordered ? "Not all files were listed: only those up to the end of the "
                "shorter listing were compared, by name."
              : "Not all files were listed, and not in order: a file counted "
                "as added or removed may only be missing in a listing.";
  return out;
}

json::object same_files(const json::value& count) {
  return {{"added", json::array{}},
          {"removed", json::array{}},
          {"modified", json::array{}},
          {"added_count", 0},
          {"removed_count", 0},
          {"modified_count", 0},
          {"unchanged_count", count},
          {"truncated", false},
          {"note", "The digests are equal, so the files were not listed."}};
}

} // namespace mcp::tools

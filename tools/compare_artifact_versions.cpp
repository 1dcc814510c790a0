// compare_artifact_versions_tool: what changed from one artifact version to
// another. Both are read side by side; files only when the contents differ.
#include "tools/all.hpp"
#include "tools/artifact_answer.hpp"
#include "tools/artifact_diff.hpp"
#include "tools/artifact_read.hpp"
#include "tools/first_look.hpp"
#include "tools/registry_names.hpp"

namespace mcp::tools {
namespace {

constexpr std::size_t most_files = 1000; // on each side
constexpr std::size_t most_entries = 1000;

task<artifact_info> read_side(call_context& context, std::string name,
                              std::string argument,
                              std::optional<std::string> type) {
  auto path =
    co_await resolve_artifact(context, std::move(name), std::move(argument));
  const artifact_wish wish{.creator = true};
  co_return co_await read_artifact(context, std::move(path), wish,
                                   std::move(type));
}

/// A side's files, or why they can not be had: a listing that fails must not
/// look like an artifact without files.
struct listed {
  file_listing files = {};
  std::string why = {};
};

task<listed> list_side(call_context& context, artifact_path path,
                       std::string type) {
  const json::value start = "";
  file_listing none;
  try {
    auto files =
      co_await read_more_files(context, std::move(path), std::move(type),
                               std::move(none), start, most_files, false);
    co_return listed{.files = std::move(files)};
  } catch (const failure_exception& error) {
    if (error.reason.code == errc::unauthorized
        || error.reason.code == errc::cancelled)
      throw;
    co_return listed{.why = error.reason.message};
  } catch (const tool_error& error) {
    co_return listed{.why = error.what()};
  }
}

artifact_path exact(const artifact_info& info) {
  auto out = info.path;
  if (!info.version.empty())
    out.alias = info.version;
  return out;
}

task<json::value> compare_files(call_context& context, const artifact_info& a,
                                const artifact_info& b,
                                std::size_t most_shown) {
  if (!a.digest.empty() && a.digest == b.digest)
    co_return same_files(a.record.at("file_count"));
  std::vector<task<listed>> tasks;
  tasks.push_back(list_side(context, exact(a), a.type));
  tasks.push_back(list_side(context, exact(b), b.type));
  const auto sides = co_await all(std::move(tasks));
  for (const auto& side : sides)
    if (!side.why.empty()) {
      json::object failed{
        {"error", "The files could not be listed: " + side.why}};
      co_return failed;
    }
  co_return file_diff(sides[0].files, sides[1].files, most_shown);
}

task<tool_result> run(call_context& context, arguments args) {
  const auto name_a = name_argument(args, "artifact_name_a");
  const auto name_b = name_argument(args, "artifact_name_b");
  const auto type = optional_name(args, "type_name");
  const bool with_files = args.flag("include_file_diff");
  std::size_t most_shown = 0;
  if (with_files)
    most_shown = limit_argument(args, "max_file_diff_entries", most_entries);

  std::vector<task<artifact_info>> tasks;
  tasks.push_back(read_side(context, name_a, "artifact_name_a", type));
  tasks.push_back(read_side(context, name_b, "artifact_name_b", type));
  const auto sides = co_await all(std::move(tasks));
  const auto& a = sides[0];
  const auto& b = sides[1];

  json::object answer{{"artifact_a", name_a}, {"artifact_b", name_b}};
  add_differences(answer, a, b);
  if (with_files) {
    context.progress(1, 2, "Both artifacts read; comparing their files");
    answer["file_diff"] = co_await compare_files(context, a, b, most_shown);
  }
  fit_comparison(answer, answer_budget(context.limits(), args));
  tool_result out{.structured = std::move(answer)};
  co_return out;
}

} // namespace

extern const tool compare_artifact_versions{
  .name = "compare_artifact_versions_tool",
  .title = "Compare two artifact versions",
  .set = toolset::registry,
  .description =
    "Compares two versions of W&B artifacts: metadata, tags, aliases, size, "
    "the runs that logged them, and files by digest.\n"
    "When to use: to learn what changed between two models or datasets. The "
    "direction counts: a is before, b after, so added means only in b. For one "
    "version alone use get_artifact_details_tool; to find versions, "
    "list_artifact_versions_tool.\n"
    "Equal digests mean equal contents.",
  .input_schema = R"({
    "type": "object",
    "required": ["artifact_name_a", "artifact_name_b"],
    "properties": {
      "artifact_name_a": {
        "type": "string",
        "description": "Before. entity/project/name:version or :alias; in a registry organization/wandb-registry-NAME/collection:v1. Like my-team/vision/resnet50:v3."
      },
      "artifact_name_b": {"type": "string", "description": "After."},
      "type_name": {
        "type": "string",
        "description": "Fail when one is of another type."
      },
      "include_file_diff": {
        "type": "boolean",
        "default": true,
        "description": "At most the first 1000 files of each."
      },
      "max_file_diff_entries": {
        "type": "integer",
        "minimum": 1,
        "default": 50,
        "description": "Entries in all; more than 1000 is taken as 1000."
      }
    }
  })",
  .output_schema = R"({
    "type": "object",
    "required": ["artifact_a", "artifact_b", "metadata_diff", "digest_match"],
    "properties": {
      "artifact_a": {"type": "string"},
      "artifact_b": {"type": "string"},
      "version_a": {"type": ["string", "null"]},
      "version_b": {"type": ["string", "null"]},
      "metadata_diff": {
        "type": "object",
        "description": "By the metadata's own members.",
        "properties": {
          "added": {"type": "object"},
          "removed": {"type": "object"},
          "changed": {"type": "object",
                      "description": "name: {a, b}",
                      "additionalProperties": {"type": "object"}}
        }
      },
      "tags_diff": {
        "type": "object",
        "properties": {
          "added": {"type": "array", "items": {"type": "string"}},
          "removed": {"type": "array", "items": {"type": "string"}}
        }
      },
      "aliases_diff": {
        "type": "object",
        "properties": {
          "added": {"type": "array", "items": {"type": "string"}},
          "removed": {"type": "array", "items": {"type": "string"}}
        }
      },
      "size_diff": {
        "type": "object",
        "description": "In bytes.",
        "properties": {
          "a": {"type": ["integer", "null"]},
          "b": {"type": ["integer", "null"]},
          "delta": {"type": ["integer", "null"]},
          "percent_change": {"type": ["number", "null"],
                             "description": "Null when a is 0."}
        }
      },
      "file_count_diff": {
        "type": "object",
        "properties": {
          "a": {"type": ["integer", "null"]},
          "b": {"type": ["integer", "null"]},
          "delta": {"type": ["integer", "null"]}
        }
      },
      "lineage_diff": {
        "type": "object",
        "properties": {
          "logged_by_a": {"type": ["object", "null"]},
          "logged_by_b": {"type": ["object", "null"]},
          "same_source_run": {"type": "boolean"}
        }
      },
      "digest_match": {"type": "boolean",
                       "description": "The contents are the same."},
      "file_diff": {
        "type": "object",
        "properties": {
          "added": {"type": "array", "items": {"type": "object"},
                    "description": "{name, size, digest}; only in b."},
          "removed": {"type": "array", "items": {"type": "object"},
                      "description": "The same; only in a."},
          "modified": {"type": "array", "items": {"type": "object"},
                       "description": "{name, size_a, size_b}"},
          "added_count": {"type": "integer", "description": "Before the cut."},
          "removed_count": {"type": "integer"},
          "modified_count": {"type": "integer"},
          "unchanged_count": {"type": ["integer", "null"]},
          "files_listed_a": {"type": "integer"},
          "files_listed_b": {"type": "integer"},
          "truncated": {
            "type": "boolean",
            "description": "Entries were left out, or files never looked at."
          },
          "note": {"type": "string"},
          "error": {"type": "string", "description": "Then nothing else."}
        }
      },
      "metadata_omitted_keys": {"type": "array", "items": {"type": "string"}},
      "metadata_omitted_count": {"type": "integer"},
      "warnings": {"type": "array", "items": {"type": "string"}},
      "truncated": {"type": "boolean"},
      "truncation_note": {"type": "string"}
    }
  })",
  .cost = {.job = "two artifact versions of up to 1000 files", .requests = 4},
  .run = run,
};

} // namespace mcp::tools

#include "protocol/wandb/run_table.hpp"

#include "protocol/json/write.hpp"

#include <sodium.h>

#include <unordered_set>

namespace mcp::wandb {
namespace {

namespace json = boost::json;

constexpr std::size_t hash_in_name = 20; // hexadecimal digits

std::string sha256_hex(std::string_view bytes) {
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size());
  std::string out(2 * sizeof hash + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), hash, sizeof hash);
  out.pop_back(); // the terminating zero
  return out;
}

} // namespace

std::vector<std::string> column_names(const json::array& rows) {
  std::vector<std::string> out;
  std::unordered_set<std::string> known;
  for (const auto& row : rows)
    if (const auto* object = row.if_object())
      for (const auto& member : *object)
        if (known.emplace(member.key()).second)
          out.emplace_back(member.key());
  return out;
}

run_table make_run_table(std::string_view key, std::size_t step,
                         const std::vector<std::string>& columns,
                         const json::array& rows) {
  run_table out;
  // Written as text: a value for each cell of a sparse table would cost many
  // times what the caller sent.
  out.content =
    R"({"columns":)" + write_json(json::value_from(columns)) + R"(,"data":[)";
  bool first_row = true;
  for (const auto& row : rows) {
    out.content += first_row ? "[" : ",[";
    first_row = false;
    const auto* object = row.if_object();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0)
        out.content += ',';
      const auto* cell = object ? object->if_contains(columns[i]) : nullptr;
      if (cell)
        append_json(out.content, *cell);
      else
        out.content += "null";
    }
    out.content += ']';
  }
  out.content += "]}";

  const auto hash = sha256_hex(out.content);
  out.path = "media/table/" + std::string(key) + "_" + std::to_string(step)
             + "_" + hash.substr(0, hash_in_name) + ".table.json";
  out.reference = {{"_type", "table-file"},   {"path", out.path},
                   {"sha256", hash},          {"size", out.content.size()},
                   {"ncols", columns.size()}, {"nrows", rows.size()},
                   {"log_mode", "IMMUTABLE"}};
  return out;
}

} // namespace mcp::wandb

#include "tools/wandb_words.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace mcp::tools {
namespace {

constexpr std::array<std::string_view, 14> insides{
  "pq:",       "sql",        "mysql",     "redis",        "connection",
  "dial tcp",  "rpc error",  "panic",     "goroutine",    "stack trace",
  "traceback", "deadlock",   "exception", "internal server error"};

} // namespace

std::string wandb_words(const failure& why) {
  if (why.code != errc::upstream_error || why.message.empty())
    return {};
  std::string lower(why.message);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (std::any_of(insides.begin(), insides.end(), [&](auto word) {
        return lower.find(word) != lower.npos;
      }))
    return {};
  return why.message;
}

} // namespace mcp::tools

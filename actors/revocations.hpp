#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace mcp {

/// The families whose tokens are no good any more, as known here: what this
/// instance revoked, at once, and what others did, a few seconds later. Read
/// by connections, written by the authorization server. Safe from any thread.
class revocations {
public:
  [[nodiscard]] bool contains(const std::string& family) const {
    const auto now = known_.load();
    return now->contains(family);
  }
  void replace(const std::vector<std::string>& families) {
    known_.store(std::make_shared<const set>(families.begin(), families.end()));
  }
  /// Only by the one who calls `replace`.
  void add(const std::string& family) {
    auto more = std::make_shared<set>(*known_.load());
    more->insert(family);
    known_.store(std::move(more));
  }

private:
  using set = std::unordered_set<std::string>;
  std::atomic<std::shared_ptr<const set>> known_{std::make_shared<const set>()};
};

} // namespace mcp

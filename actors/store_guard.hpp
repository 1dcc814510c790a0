#pragma once

// For the source files of the stores.

#include "protocol/errors.hpp"

#include <string>
#include <type_traits>

namespace mcp {

/// What a store throws within `guard_store`; without names or values.
struct store_error {
  std::string what;
};

/// Gives what `work` gives, or `upstream_unavailable` when it threw.
template <class Work>
auto guard_store(const char* store, Work work) -> result<decltype(work())> {
  try {
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      return {};
    } else {
      return work();
    }
  } catch (const store_error& e) {
    return failure{.code = errc::upstream_unavailable,
                   .message = std::string(store) + ": " + e.what};
  }
}

} // namespace mcp

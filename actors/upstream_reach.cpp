#include "actors/upstream_reach.hpp"

namespace mcp {

void upstream_reach::saw(service to, const net::http_outcome& how) {
  using end = net::transfer_end;
  // A deadline or a caller of ours ended it: no evidence of W&B's state.
  if (how.status == 0
      && (how.end == end::stopped
          || (how.end == end::timed_out && how.request_sent)))
    return;
  const bool answered = how.status != 0 && how.status != 502
                        && how.status != 503 && how.status != 504
                        && how.end != end::cut;
  last_[static_cast<std::size_t>(to)].store(
    answered ? state::reachable : state::unreachable,
    std::memory_order_relaxed);
}

upstream_reach::state upstream_reach::of(service to) const {
  return last_[static_cast<std::size_t>(to)].load(std::memory_order_relaxed);
}

const char* to_string(upstream_reach::state s) {
  switch (s) {
  case upstream_reach::state::unknown:
    return "unknown";
  case upstream_reach::state::reachable:
    return "reachable";
  case upstream_reach::state::unreachable:
    return "unreachable";
  }
  return "";
}

} // namespace mcp

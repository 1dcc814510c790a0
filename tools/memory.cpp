#include "tools/memory.hpp"

namespace mcp {
namespace {

bool add_up_to(std::atomic<std::size_t>& held, std::size_t bytes,
               std::size_t limit) {
  auto before = held.load();
  do {
    if (bytes > limit || before > limit - bytes)
      return false;
  } while (!held.compare_exchange_weak(before, before + bytes));
  return true;
}

} // namespace

bool user_memory::take(std::size_t bytes) {
  return add_up_to(held_, bytes, limit_);
}

void user_memory::give(std::size_t bytes) {
  held_.fetch_sub(bytes);
}

call_memory::~call_memory() {
  if (user_)
    user_->give(taken_.load());
}

void call_memory::belongs_to(const std::shared_ptr<user_memory>& user) {
  if (!user_)
    user_ = user;
}

call_memory::verdict call_memory::take(std::size_t bytes) {
  if (!add_up_to(taken_, bytes, limit_))
    return refuse(verdict::call_is_full);
  if (user_ && !user_->take(bytes)) {
    taken_.fetch_sub(bytes);
    return refuse(verdict::user_is_full);
  }
  return verdict::granted;
}

call_memory::verdict call_memory::refuse(verdict why) {
  refusal_.store(why);
  return why;
}

} // namespace mcp

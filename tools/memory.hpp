#pragma once

// How many bytes of W&B's answers are held, and for whom: so that neither one
// call nor one user can take the memory that others need.

#include <atomic>
#include <cstddef>
#include <memory>

namespace mcp {

/// What the running calls of one user hold together. Safe from all threads.
class user_memory {
public:
  explicit user_memory(std::size_t limit) : limit_(limit) {}

  /// False, and nothing taken, when it would be more than the limit.
  bool take(std::size_t bytes);
  void give(std::size_t bytes);
  std::size_t held() const { return held_.load(); }

private:
  const std::size_t limit_;
  std::atomic<std::size_t> held_{0};
};

/// What one call was given since it began. Nothing is counted back before the
/// call ends: what it was made from may live on in what it became. Belongs to
/// the call and to its transfers, and gives all back with the last of them.
class call_memory {
public:
  enum class verdict { granted, call_is_full, user_is_full };

  explicit call_memory(std::size_t limit) : limit_(limit) {}
  call_memory(const call_memory&) = delete;
  call_memory& operator=(const call_memory&) = delete;
  ~call_memory();

  /// Says whose memory it is; the first time counts. Comes before any `take`.
  void belongs_to(const std::shared_ptr<user_memory>& user);

  /// Safe from several threads.
  verdict take(std::size_t bytes);
  /// The last verdict that was not `granted`, else `granted`.
  verdict refusal() const { return refusal_.load(); }
  std::size_t limit() const { return limit_; }

private:
  verdict refuse(verdict why);

  const std::size_t limit_;
  std::atomic<std::size_t> taken_{0};
  std::atomic<verdict> refusal_{verdict::granted};
  std::shared_ptr<user_memory> user_;
};

} // namespace mcp

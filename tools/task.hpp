#pragma once

// A tool is a coroutine of type task<T>. It starts suspended, runs on whatever
// thread its call actor runs on, and resumes only from that actor's handlers,
// so its code needs no locks. Destroying a task destroys every frame below it,
// which is how a cancelled call lets go of its upstream requests.
//
// boost::asio::awaitable is not used: it resumes through an executor, outside
// of the actor, and can not be abandoned while suspended.

#include <coroutine>
#include <exception>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace mcp {

template <class T>
class task;

namespace detail {

struct task_promise_base {
  std::coroutine_handle<> continuation;

  struct final_awaiter {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<>
    await_suspend(std::coroutine_handle<Promise> h) noexcept {
      auto next = h.promise().continuation;
      return next ? next : std::noop_coroutine();
    }
    void await_resume() noexcept {}
  };

  std::suspend_always initial_suspend() noexcept { return {}; }
  final_awaiter final_suspend() noexcept { return {}; }
};

template <class T>
struct task_promise : task_promise_base {
  std::variant<std::monostate, T, std::exception_ptr> out;
  task<T> get_return_object();
  void return_value(T v) { out.template emplace<1>(std::move(v)); }
  void unhandled_exception() {
    out.template emplace<2>(std::current_exception());
  }
  T take() {
    if (out.index() == 2)
      std::rethrow_exception(std::get<2>(out));
    return std::move(std::get<1>(out));
  }
};

template <>
struct task_promise<void> : task_promise_base {
  std::exception_ptr error;
  task<void> get_return_object();
  void return_void() {}
  void unhandled_exception() { error = std::current_exception(); }
  void take() {
    if (error)
      std::rethrow_exception(error);
  }
};

} // namespace detail

/// A lazily started coroutine that gives a T or throws.
template <class T>
class [[nodiscard]] task {
public:
  using promise_type = detail::task_promise<T>;
  using handle = std::coroutine_handle<promise_type>;

  task() = default;
  explicit task(handle h) : h_(h) {}
  task(task&& other) noexcept : h_(std::exchange(other.h_, {})) {}
  task& operator=(task&& other) noexcept {
    if (this != &other) {
      if (h_)
        h_.destroy();
      h_ = std::exchange(other.h_, {});
    }
    return *this;
  }
  ~task() {
    if (h_)
      h_.destroy();
  }

  /// For the root of a call: runs to the first suspension or to the end.
  void start() { h_.resume(); }
  /// True when the coroutine ran to its end, well or not.
  bool done() const { return h_ && h_.done(); }
  bool valid() const { return static_cast<bool>(h_); }
  /// The result; rethrows what the coroutine threw. Only after done().
  T take() { return h_.promise().take(); }

  /// Who is resumed at the end, instead of an awaiting coroutine.
  void set_continuation(std::coroutine_handle<> next) {
    h_.promise().continuation = next;
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) {
    h_.promise().continuation = caller;
    return h_;
  }
  T await_resume() { return take(); }

private:
  handle h_;
};

template <class T>
task<T> detail::task_promise<T>::get_return_object() {
  return task<T>{
    std::coroutine_handle<detail::task_promise<T>>::from_promise(*this)};
}

inline task<void> detail::task_promise<void>::get_return_object() {
  return task<void>{
    std::coroutine_handle<detail::task_promise<void>>::from_promise(*this)};
}

namespace detail {

/// Counts the children of one `all` and resumes its awaiter once: when the last
/// one is done, or at the first that failed.
struct join_state {
  std::size_t running = 0;
  bool starting = false;
  std::exception_ptr error;
  std::coroutine_handle<> waiter;

  void child_done(std::exception_ptr e) {
    --running;
    if (e && !error)
      error = e;
  }
  bool finished() const { return running == 0 || error; }
};

template <class T>
task<void> join_child(task<T> inner, std::optional<T>& out, join_state& state) {
  std::exception_ptr error;
  try {
    out.emplace(co_await std::move(inner));
  } catch (...) {
    error = std::current_exception();
  }
  state.child_done(error);
}

/// Resumed when a child ends; goes on to the waiter when that was the end.
/// Children end at their final suspension point, so the waiter may destroy
/// them all.
class join_awaiter {
public:
  join_awaiter(join_state& state, std::vector<task<void>>& children)
      : state_(state), children_(children) {}

  bool await_ready() const noexcept { return children_.empty(); }

  bool await_suspend(std::coroutine_handle<> caller) {
    state_.running = children_.size();
    state_.starting = true;
    for (auto& child : children_) {
      hooks_.push_back(watch(*this));
      hooks_.back().start(); // up to its own first suspension
      child.set_continuation(hooks_.back().h);
      child.start();
      if (state_.error)
        break;
    }
    state_.starting = false;
    if (state_.finished())
      return false;
    state_.waiter = caller;
    return true;
  }

  void await_resume() {
    if (state_.error)
      std::rethrow_exception(state_.error);
  }

private:
  // A frame of its own that each child's end jumps to.
  struct hook {
    struct promise_type {
      hook get_return_object() {
        return hook{std::coroutine_handle<promise_type>::from_promise(*this)};
      }
      std::suspend_always initial_suspend() noexcept { return {}; }
      std::suspend_always final_suspend() noexcept { return {}; }
      void return_void() {}
      void unhandled_exception() { std::terminate(); }
    };
    explicit hook(std::coroutine_handle<promise_type> handle) : h(handle) {}
    hook(hook&& o) noexcept : h(std::exchange(o.h, {})) {}
    hook& operator=(hook&&) = delete;
    ~hook() {
      if (h)
        h.destroy();
    }
    void start() { h.resume(); }
    std::coroutine_handle<promise_type> h;
  };

  struct to_waiter {
    join_awaiter* self;
    bool await_ready() noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<>) noexcept {
      auto& state = self->state_;
      if (state.starting || !state.finished() || !state.waiter)
        return std::noop_coroutine();
      return std::exchange(state.waiter, {});
    }
    void await_resume() noexcept {}
  };

  static hook watch(join_awaiter& self) {
    co_await std::suspend_always{};
    co_await to_waiter{&self};
  }

  join_state& state_;
  std::vector<task<void>>& children_;
  std::vector<hook> hooks_;
};

} // namespace detail

/// Runs the tasks side by side; gives their results in the order given. The
/// first failure ends it at once: the others are destroyed, which aborts what
/// they wait for, and the failure is rethrown.
template <class T>
task<std::vector<T>> all(std::vector<task<T>> tasks) {
  std::vector<std::optional<T>> out(tasks.size());
  detail::join_state state;
  std::vector<task<void>> children;
  children.reserve(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i)
    children.push_back(detail::join_child(std::move(tasks[i]), out[i], state));
  co_await detail::join_awaiter(state, children);
  std::vector<T> values;
  values.reserve(out.size());
  for (auto& v : out)
    values.push_back(std::move(*v));
  co_return values;
}

/// The same for two tasks of different types.
template <class A, class B>
task<std::pair<A, B>> all(task<A> a, task<B> b) {
  std::optional<A> out_a;
  std::optional<B> out_b;
  detail::join_state state;
  std::vector<task<void>> children;
  children.push_back(detail::join_child(std::move(a), out_a, state));
  children.push_back(detail::join_child(std::move(b), out_b, state));
  co_await detail::join_awaiter(state, children);
  co_return std::pair<A, B>(std::move(*out_a), std::move(*out_b));
}

} // namespace mcp

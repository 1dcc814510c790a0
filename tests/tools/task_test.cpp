#include "tests/catch.hpp"
#include "tools/task.hpp"

#include <functional>
#include <stdexcept>
#include <string>

using mcp::all;
using mcp::task;

namespace {

// Something to wait for that the test resumes by hand.
struct gate {
  std::coroutine_handle<> waiter;
  int destroyed = 0;
  struct awaiter {
    gate& g;
    explicit awaiter(gate& owner) : g(owner) {}
    awaiter(const awaiter&) = delete;
    awaiter& operator=(const awaiter&) = delete;
    ~awaiter() { ++g.destroyed; }
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> h) { g.waiter = h; }
    void await_resume() const noexcept {}
  };
  awaiter wait() { return awaiter(*this); }
  void open() { std::exchange(waiter, {}).resume(); }
};

task<int> value_after(gate& g, int v) {
  co_await g.wait();
  co_return v;
}

task<int> failure_after(gate& g) {
  co_await g.wait();
  throw std::runtime_error("boom");
}

task<int> at_once(int v) {
  co_return v;
}

task<int> fails_at_once() {
  throw std::runtime_error("at once");
  co_return 0;
}

} // namespace

TEST_CASE("a task gives what its coroutine returns", "[tools]") {
  gate g;
  auto outer = [](gate& inner) -> task<std::string> {
    const int a = co_await value_after(inner, 20);
    const int b = co_await at_once(22);
    co_return std::to_string(a + b);
  };
  auto t = outer(g);
  t.start();
  CHECK_FALSE(t.done());
  g.open();
  REQUIRE(t.done());
  CHECK(t.take() == "42");
}

TEST_CASE("an exception comes out where the task is awaited", "[tools]") {
  gate g;
  auto outer = [](gate& inner) -> task<std::string> {
    try {
      co_await failure_after(inner);
    } catch (const std::runtime_error& e) {
      co_return e.what();
    }
    co_return "nothing";
  };
  auto t = outer(g);
  t.start();
  g.open();
  REQUIRE(t.done());
  CHECK(t.take() == "boom");
}

TEST_CASE("destroying a task frees every frame below it", "[tools]") {
  gate g;
  {
    auto outer = [](gate& inner) -> task<int> {
      co_return co_await value_after(inner, 1);
    };
    auto t = outer(g);
    t.start();
    CHECK(g.destroyed == 0);
  }
  CHECK(g.destroyed == 1);
}

TEST_CASE("all waits for every task and keeps their order", "[tools]") {
  gate a, b;
  auto outer = [](gate& x, gate& y) -> task<std::vector<int>> {
    std::vector<task<int>> tasks;
    tasks.push_back(value_after(x, 1));
    tasks.push_back(at_once(2));
    tasks.push_back(value_after(y, 3));
    co_return co_await all(std::move(tasks));
  };
  auto t = outer(a, b);
  t.start();
  b.open();
  CHECK_FALSE(t.done());
  a.open();
  REQUIRE(t.done());
  CHECK(t.take() == std::vector<int>{1, 2, 3});
}

TEST_CASE("all of nothing, and all that are ready, end at once", "[tools]") {
  auto t = all(std::vector<task<int>>{});
  t.start();
  REQUIRE(t.done());
  CHECK(t.take().empty());
  auto two = all(at_once(1), at_once(2));
  two.start();
  REQUIRE(two.done());
  CHECK(two.take() == std::pair(1, 2));
}

TEST_CASE("the first failure ends all and abandons the rest", "[tools]") {
  gate a, b;
  auto t = all(value_after(a, 1), failure_after(b));
  t.start();
  b.open();
  REQUIRE(t.done());
  CHECK(a.destroyed == 1);
  CHECK_THROWS_WITH(t.take(), "boom");
}

TEST_CASE("a failure before any suspension starts no further task", "[tools]") {
  gate g;
  auto t = all(fails_at_once(), value_after(g, 1));
  t.start();
  REQUIRE(t.done());
  CHECK_FALSE(g.waiter);
  CHECK_THROWS_WITH(t.take(), "at once");
}

TEST_CASE("destroying a waiting all frees its tasks", "[tools]") {
  gate a, b;
  {
    auto t = all(value_after(a, 1), value_after(b, 2));
    t.start();
  }
  CHECK(a.destroyed == 1);
  CHECK(b.destroyed == 1);
}

#include "net/stdio.hpp"
#include "tests/catch.hpp"
#include "tests/net/loopback.hpp"

#include <fcntl.h>
#include <optional>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace mcp::net;
using namespace mcp::net::test;

namespace {

struct open_file {
  explicit open_file(int number) : fd{number} {}
  ~open_file() { close(); }
  open_file(open_file&& other) noexcept : fd{std::exchange(other.fd, -1)} {}
  void close() {
    if (fd >= 0)
      ::close(std::exchange(fd, -1));
  }
  void put(std::string_view bytes) const {
    REQUIRE(::write(fd, bytes.data(), bytes.size())
            == static_cast<ssize_t>(bytes.size()));
  }
  std::string take() const {
    char bytes[65536];
    const auto size = ::read(fd, bytes, sizeof bytes);
    return {bytes, static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }
  int fd;
};

struct pipe_ends {
  pipe_ends() {
    int fds[2];
    REQUIRE(::pipe2(fds, O_CLOEXEC) == 0);
    read.fd = fds[0];
    write.fd = fds[1];
  }
  open_file read{-1};
  open_file write{-1};
};

/// A nameless regular file.
open_file scratch_file() {
  return open_file{::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
}

struct channel_world : event_loop {
  void open(int input, int output, std::size_t max_line = 100) {
    channel.emplace(io, input, output, max_line,
                    line_channel::callbacks{
                      .on_line =
                        [this](std::string line) {
                          padded =
                            padded && line.capacity() >= line.size() + 64;
                          lines.push_back(std::move(line));
                        },
                      .on_too_long = [this] { ++too_long; },
                      .on_dropped =
                        [this](std::string_view piece) {
                          dropped += piece.size();
                        },
                      .on_end = [this] { ++ends; }});
    channel->start();
  }
  std::optional<line_channel> channel;
  std::vector<std::string> lines;
  bool padded = true;
  int too_long = 0;
  std::size_t dropped = 0;
  int ends = 0;
};

} // namespace

TEST_CASE("lines come in and messages go out over pipes", "[net]") {
  pipe_ends in, out;
  channel_world w;
  w.open(in.read.fd, out.write.fd);
  in.write.put("{\"a\"");
  w.settle();
  in.write.put(":1}\r\n\n{\"b\":2}\nrest");
  REQUIRE(w.until([&] { return w.lines.size() == 2; }));
  CHECK(w.lines == std::vector<std::string>{"{\"a\":1}", "{\"b\":2}"});
  CHECK(w.padded);
  w.channel->write("one");
  w.channel->write("two");
  std::thread{[&] { w.channel->write("three"); }}.join();
  bool flushed = false;
  w.channel->flush([&] { flushed = true; });
  REQUIRE(w.until([&] { return flushed; }));
  CHECK(out.read.take() == "one\ntwo\nthree\n");
  CHECK(w.ends == 0);
  in.write.close();
  REQUIRE(w.until([&] { return w.ends == 1; }));
  CHECK(w.lines.back() == "rest");
}

TEST_CASE("regular files and /dev/null are as good as pipes", "[net]") {
  auto in = scratch_file();
  auto out = scratch_file();
  REQUIRE(in.fd >= 0);
  in.put("first\nsecond\n");
  ::lseek(in.fd, 0, SEEK_SET);
  channel_world w;
  w.open(in.fd, out.fd);
  REQUIRE(w.until([&] { return w.ends == 1; }));
  CHECK(w.lines == std::vector<std::string>{"first", "second"});
  w.channel->write("answer");
  bool flushed = false;
  w.channel->flush([&] { flushed = true; });
  REQUIRE(w.until([&] { return flushed; }));
  ::lseek(out.fd, 0, SEEK_SET);
  CHECK(out.take() == "answer\n");

  open_file null{::open("/dev/null", O_RDWR | O_CLOEXEC)};
  channel_world v;
  v.open(null.fd, null.fd);
  REQUIRE(v.until([&] { return v.ends == 1; }));
  v.channel->write("into the void");
  flushed = false;
  v.channel->flush([&] { flushed = true; });
  CHECK(v.until([&] { return flushed; }));
}

TEST_CASE("an over-long line is dropped and the next one read", "[net]") {
  pipe_ends in, out;
  channel_world w;
  w.open(in.read.fd, out.write.fd);
  in.write.put(std::string(30'000, 'x'));
  REQUIRE(w.until([&] { return w.dropped == 30'000; }));
  CHECK(w.too_long == 0); // not before all of it is known
  in.write.put(std::string(1000, 'x') + "\nnext\n");
  REQUIRE(w.until([&] { return !w.lines.empty(); }));
  CHECK(w.lines[0] == "next");
  CHECK(w.too_long == 1);
  CHECK(w.dropped == 31'000);
}

TEST_CASE("a reader of ours that is gone ends the channel", "[net]") {
  pipe_ends in, out;
  channel_world w;
  w.open(in.read.fd, out.write.fd);
  out.read.close();
  w.channel->write("nobody reads this"); // and no signal kills the process
  REQUIRE(w.until([&] { return w.ends == 1; }));
  in.write.put("ignored\n");
  w.settle();
  CHECK(w.lines.empty());
  CHECK(w.ends == 1);
  bool flushed = false;
  w.channel->flush([&] { flushed = true; });
  CHECK(w.until([&] { return flushed; }));
}

TEST_CASE("a slow reader gets all messages in order", "[net]") {
  pipe_ends in, out;
  channel_world w;
  w.open(in.read.fd, out.write.fd);
  const std::string big(300'000, 'b');
  w.channel->write(big + "1");
  w.channel->write(big + "2");
  w.settle();
  w.channel->write("3");
  bool flushed = false;
  w.channel->flush([&] { flushed = true; });
  ::fcntl(out.read.fd, F_SETFL, O_NONBLOCK);
  std::string got;
  REQUIRE(w.until([&] {
    got += out.read.take();
    return flushed;
  }));
  got += out.read.take();
  CHECK(got == big + "1\n" + big + "2\n3\n");
}

TEST_CASE("a channel that goes calls nobody and restores the descriptor",
          "[net]") {
  pipe_ends in, out;
  const auto before = ::fcntl(in.read.fd, F_GETFL);
  channel_world w;
  w.open(in.read.fd, out.write.fd);
  w.settle();
  CHECK(::fcntl(in.read.fd, F_GETFL) != before);
  w.channel.reset();
  in.write.put("late\n");
  in.write.close();
  w.settle();
  CHECK(w.lines.empty());
  CHECK(w.ends == 0);
  CHECK(::fcntl(in.read.fd, F_GETFL) == before);
}

TEST_CASE("both directions may be one socket", "[net]") {
  int fds[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
  open_file ours{fds[0]};
  open_file theirs{fds[1]};
  channel_world w;
  w.open(ours.fd, ours.fd);
  theirs.put("hello\n");
  REQUIRE(w.until([&] { return !w.lines.empty(); }));
  w.channel->write("world");
  bool flushed = false;
  w.channel->flush([&] { flushed = true; });
  REQUIRE(w.until([&] { return flushed; }));
  CHECK(theirs.take() == "world\n");
}

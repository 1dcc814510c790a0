#include "net/stdio.hpp"

#include "net/line_splitter.hpp"
#include "net/sigpipe.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <fcntl.h>
#include <mutex>
#include <unistd.h>
#include <utility>
#include <vector>

namespace mcp::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t padding = 64;

using descriptor =
  asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

/// A duplicate for Asio. The non-blocking mode that Asio needs belongs to the
/// open file and not to the number, so a terminal's shell would inherit it: it
/// is put back in the end. Not before: both directions may be one open file.
class borrowed {
public:
  borrowed(asio::io_context& io, int fd) : file{io} {
    flags_ = ::fcntl(fd, F_GETFL);
    const int own = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (own < 0)
      throw boost::system::system_error{
        error_code{errno, boost::system::system_category()}, "dup"};
    file.assign(own);
  }
  ~borrowed() {
    if (flags_ >= 0 && file.is_open())
      ::fcntl(file.native_handle(), F_SETFL, flags_);
  }
  borrowed(const borrowed&) = delete;
  borrowed& operator=(const borrowed&) = delete;

  void stop() {
    error_code ignored;
    file.cancel(ignored);
  }

  /// Asio takes regular files and /dev/null, too, which epoll refuses: it tries
  /// each read and write first, and there that always succeeds.
  descriptor file;

private:
  int flags_ = -1;
};

} // namespace

struct line_channel::impl : std::enable_shared_from_this<line_channel::impl> {
  impl(asio::io_context& context, int in, int out, std::size_t max_line_bytes,
       callbacks wanted)
      : io{context}, input{context, in}, output{context, out},
        on{std::move(wanted)}, lines{max_line_bytes,
                                     {.on_line =
                                        [this](std::string_view text) {
                                          std::string line;
                                          line.reserve(text.size() + padding);
                                          line = text;
                                          on.on_line(std::move(line));
                                          return !ended;
                                        },
                                      .on_too_long =
                                        [this] { return !ended; },
                                      .on_skipped =
                                        [this](std::string_view piece,
                                               bool last) {
                                          if (on.on_dropped)
                                            on.on_dropped(piece);
                                          if (last)
                                            on.on_too_long();
                                        }}} {}

  void read() {
    input.file.async_read_some(
      asio::buffer(buffer),
      [me = shared_from_this()](error_code ec, std::size_t size) {
        if (me->ended)
          return;
        if (ec) {
          me->lines.finish(); // a last line without its break
          return me->end();
        }
        if (me->lines.feed({me->buffer.data(), size}))
          me->read();
      });
  }

  void end() {
    if (std::exchange(ended, true))
      return;
    input.stop();
    on.on_end();
  }

  /// Nobody is told any more; what is queued still goes out.
  void let_go() {
    ended = true;
    input.stop();
  }

  void write(std::string message) {
    message += '\n';
    bool first;
    {
      std::lock_guard lock{mutex};
      first = queued.empty();
      queued.push_back(std::move(message));
    }
    if (first)
      asio::post(io, [me = shared_from_this()] { me->write_queued(); });
  }

  void write_queued() {
    if (writing)
      return; // its end looks again
    {
      std::lock_guard lock{mutex};
      under_way.swap(queued);
    }
    if (output_gone)
      under_way.clear();
    if (under_way.empty())
      return report_flushed();
    writing = true;
    std::vector<asio::const_buffer> parts;
    parts.reserve(under_way.size());
    for (const auto& message : under_way)
      parts.push_back(asio::buffer(message));
    asio::async_write(output.file, parts,
                      [me = shared_from_this()](error_code ec, std::size_t) {
                        me->writing = false;
                        me->under_way.clear();
                        if (ec) {
                          me->output_gone = true;
                          me->end();
                        }
                        me->write_queued();
                      });
  }

  void report_flushed() {
    for (auto& done : std::exchange(flushes, {}))
      done();
  }

  void flush(std::function<void()> done) {
    asio::post(io, [me = shared_from_this(), done = std::move(done)]() mutable {
      me->flushes.push_back(std::move(done));
      me->write_queued();
    });
  }

  asio::io_context& io;
  borrowed input;
  borrowed output;
  callbacks on;
  line_splitter lines;
  std::array<char, std::size_t{32} * 1024> buffer;
  bool ended = false;
  bool writing = false;
  bool output_gone = false;
  std::vector<std::string> under_way;
  std::vector<std::function<void()>> flushes;
  std::mutex mutex;
  std::vector<std::string> queued; // guarded by mutex
};

line_channel::line_channel(asio::io_context& io, int input, int output,
                           std::size_t max_line_bytes, callbacks on) {
  ignore_sigpipe();
  impl_ =
    std::make_shared<impl>(io, input, output, max_line_bytes, std::move(on));
}

line_channel::~line_channel() {
  impl_->let_go();
}

void line_channel::start() {
  impl_->read();
}

void line_channel::write(std::string message) {
  impl_->write(std::move(message));
}

void line_channel::flush(std::function<void()> done) {
  impl_->flush(std::move(done));
}

} // namespace mcp::net

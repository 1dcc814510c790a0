#include "net/gzip.hpp"

#include <limits>
#include <zlib.h>

namespace mcp::net {
namespace {

/// One thread's compressor. It has a quarter of a MiB of tables, so it is made
/// once, with the first answer that is long enough.
class compressor {
public:
  compressor() {
    constexpr int with_gzip_header = 16 + MAX_WBITS;
    constexpr int usual_memory = 8;
    good_ = deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, with_gzip_header,
                         usual_memory, Z_DEFAULT_STRATEGY)
            == Z_OK;
  }
  ~compressor() {
    if (good_)
      deflateEnd(&stream_);
  }
  compressor(const compressor&) = delete;
  compressor& operator=(const compressor&) = delete;

  std::optional<std::string> run(std::string_view text) {
    if (!good_ || deflateReset(&stream_) != Z_OK)
      return {};
    // No more room than the text has: what does not fit is not worth it.
    std::string out(text.size(), '\0');
    stream_.next_in = const_cast<Bytef*>( // zlib only reads it
      reinterpret_cast<const Bytef*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    if (deflate(&stream_, Z_FINISH) != Z_STREAM_END)
      return {};
    out.resize(out.size() - stream_.avail_out);
    out.shrink_to_fit();
    return out;
  }

private:
  z_stream stream_{};
  bool good_ = false;
};

} // namespace

std::optional<std::string> gzip(std::string_view text) {
  if (text.empty() || text.size() > std::numeric_limits<uInt>::max())
    return {};
  thread_local compressor here;
  return here.run(text);
}

} // namespace mcp::net

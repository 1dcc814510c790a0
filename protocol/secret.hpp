#pragma once

#include <cstring>
#include <string>
#include <string_view>

namespace mcp {

/// An API key on its way to the one actor that keeps it. It can not be printed,
/// and its memory is overwritten when it goes.
class secret {
public:
  secret() = default;
  explicit secret(std::string_view text) : text_(text) {}
  secret(const secret& other) = default;
  secret(secret&& other) noexcept : text_(std::move(other.text_)) {
    other.wipe();
  }
  secret& operator=(const secret& other) {
    if (this != &other) {
      wipe();
      text_ = other.text_;
    }
    return *this;
  }
  secret& operator=(secret&& other) noexcept {
    if (this != &other) {
      wipe();
      text_ = std::move(other.text_);
      other.wipe();
    }
    return *this;
  }
  ~secret() { wipe(); }

  /// For the one line that puts it on the wire.
  std::string_view reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

private:
  void wipe() noexcept {
    // A moved-from short string still holds its characters.
    text_.resize(text_.capacity());
    explicit_bzero(text_.data(), text_.size());
    text_.clear();
  }
  std::string text_;
};

} // namespace mcp

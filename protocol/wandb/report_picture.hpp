#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mcp::wandb {

/// What a caller gave to be shown as a picture.
struct picture {
  enum class kind {
    image,  // `content` is a data: URL for an image block
    text,   // `content` is Markdown
    refused // `content` is the reason, for a reader
  };
  kind what = kind::text;
  std::string content;
};

/// Reads SVG text, a data: URL of an SVG or a bitmap (PNG, JPEG, GIF, WebP), or
/// Markdown. Refused are SVGs that `svg_objection` objects to, pictures of more
/// than `max_bytes`, and HTML, which W&B does not show.
[[nodiscard]] picture read_picture(std::string_view text,
                                   std::size_t max_bytes);

} // namespace mcp::wandb

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mcp::wandb {

/// What keeps an SVG picture out of a report: a report is shown to other
/// people, so a picture may neither run anything nor load anything.
/// Takes:  a whole SVG document, without the blanks around it.
/// Gives:  nothing when it is sound, else the reason, for a reader:
///         - not one well-formed <svg> element (at most 128 levels deep), a
///           DOCTYPE or an entity of its own
///         - an element script, foreignObject, iframe, object, embed, audio,
///           video, handler, listener or set, or an animation of a link
///         - an attribute on..., or a link (href, src, url(), @import) that
///           leads out of the document and is no data: URL of a bitmap
/// Cost:   one pass.
[[nodiscard]] std::optional<std::string> svg_objection(std::string_view svg);

} // namespace mcp::wandb

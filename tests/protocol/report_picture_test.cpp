#include "protocol/wandb/report_picture.hpp"
#include "protocol/wandb/report_svg.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace mcp::wandb;

namespace {

constexpr std::size_t plenty = 1u << 20;

std::string svg(const std::string& inside) {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\">" + inside + "</svg>";
}

} // namespace

TEST_CASE("pictures that only draw are accepted", "[protocol]") {
  const auto text = GENERATE(values<std::string>({
    svg(""),
    "<svg/>",
    "<?xml version=\"1.0\"?>\n<!-- made by hand -->\n" + svg("<g/>") + "\n",
    svg("<text x='1'>3 &lt; 4 &amp; &#233; onload=\"x\"</text>"),
    svg("<use xlink:href='#a'/><linearGradient id=\"a\"/>"),
    svg("<rect fill=\"url(#a)\" style=\"fill: url( '#b' ); opacity: .5\"/>"),
    svg("<style>/* all */ .a { fill: red }</style>"),
    svg("<style><![CDATA[.a > .b { fill: url(#c) }]]></style>"),
    svg("<image href=\"data:image/png;base64,AAAA\"/>"),
    svg("<animate attributeName='opacity' from='0' to='1'/>"),
    svg("<title>a javascript lesson: url of script</title>"),
  }));
  CAPTURE(text);
  CHECK(svg_objection(text).value_or("") == "");
}

TEST_CASE("pictures that could run or load something are refused",
          "[protocol]") {
  const auto inside = GENERATE(values<std::string>({
    "<script>alert(1)</script>",
    "<SCRIPT/>",
    "<svg:script xmlns:svg='http://www.w3.org/2000/svg'/>",
    "<foreignObject><body/></foreignObject>",
    "<iframe src='#'/>",
    "<set attributeName='x' to='1'/>",
    "<handler/>",
    "<g onload=\"x()\"/>",
    "<g OnClick='x()'/>",
    "<g x:onload='x()'/>",
    "<a href='https://example.com'/>",
    "<a href='javascript:x()'/>",
    "<a xlink:href='java\nscript:x()'/>",
    "<a href='&#106;avascript:x()'/>",
    "<a href='&#x6A;avascript:x()'/>",
    "<use href='other.svg#a'/>",
    "<use href='//example.com/a'/>",
    "<image href='data:image/svg+xml;base64,AAAA'/>",
    "<image href='data:text/html,x'/>",
    "<g xml:base='https://example.com/'/>",
    "<rect fill='url(https://example.com/a)'/>",
    "<rect fill=\"URL ( 'https://example.com/a' )\"/>",
    "<rect style='background: url(\"x.png\")'/>",
    "<rect style='fill: \\75rl(x)'/>",
    "<rect style='width: expression(x())'/>",
    "<style>@import 'a.css';</style>",
    "<style>@im<!-- -->port 'a.css';</style>",
    "<style>@im<![CDATA[port]]> 'a.css';</style>",
    "<style>a { background: url(//example.com) }</style>",
    "<style>a { background: url(&#x2F;x) }</style>",
    "<style>a { behavior: none }</style>",
    "<animate attributeName='href' to='#a'/>",
    "<animate attributeName='xlink:href' to='#a'/>",
    "<g a=b/>",
    "<g a/>",
    "<g a='<'/>",
    "<g a='x'b='y'/>",
    "<g>",
    "</g>",
    "<g></h>",
    "<g",
    "<g a='",
    "<!-- ",
    "<![CDATA[",
    "<?php x ?>",
    "<!DOCTYPE svg>",
    "&custom;",
    "a & b",
    "&#xZZ;",
    "&#99999999999;",
    "<1/>",
    "<\xC3\xA4/>",
  }));
  CAPTURE(inside);
  CHECK(svg_objection(svg(inside)).has_value());
}

TEST_CASE("what is not one SVG element is refused", "[protocol]") {
  std::string deep;
  for (int i = 0; i < 200; ++i)
    deep += "<g>";
  for (int i = 0; i < 200; ++i)
    deep += "</g>";
  const auto text = GENERATE_COPY(values<std::string>({
    "",
    "   ",
    "x",
    svg("") + svg(""),
    svg("") + "x",
    "x" + svg(""),
    "<html>" + svg("") + "</html>",
    "<!DOCTYPE svg [<!ENTITY a \"b\">]>" + svg(""),
    " <?xml version=\"1.0\"?>" + svg(""),
    "<svg>",
    svg(deep),
  }));
  CAPTURE(text);
  CHECK(svg_objection(text).has_value());
}

TEST_CASE("hostile pictures cost little", "[protocol]") {
  const auto piece = GENERATE(
    values<std::string>({"<g ", "<g a='url(#a'>", "&lt;", "url(#", "<!--",
                         "<g/>", "<", "<g a='javascript:url(#'/>"}));
  std::string text = "<svg>";
  if (piece == "url(#")
    text += "<style>";
  while (text.size() < (512u << 10))
    text += piece;
  CHECK(svg_objection(text).has_value());
}

TEST_CASE("a plot is a picture, Markdown, or refused", "[protocol]") {
  struct row {
    std::string text;
    picture::kind what;
    std::string content;
  };
  using kind = picture::kind;
  const std::string encoded = "data:image/svg+xml;base64,PHN2Zy8+"; // <svg/>
  const auto [text, what, content] = GENERATE_COPY(values<row>({
    {" <svg/>\n", kind::image, encoded},
    {"<SVG/>", kind::image, "data:image/svg+xml;base64,PFNWRy8+"},
    {encoded, kind::image, encoded},
    {"data:image/svg+xml,%3Csvg/%3e", kind::image, encoded},
    {"data:image/svg+xml;utf8,<svg/>", kind::image, encoded},
    {"data:image/png;base64,AAAA", kind::image, "data:image/png;base64,AAAA"},
    {"| a |\n|---|\n| x<br>y |", kind::text, "| a |\n|---|\n| x<br>y |"},
    {"a < b", kind::text, "a < b"},
    {"<svg><script/></svg>", kind::refused, ""},
    {"data:image/svg+xml;base64,PHN2Zz48c2NyaXB0Lz48L3N2Zz4=", kind::refused,
     ""},
    {"data:image/svg+xml,<svg onload='x'/>", kind::refused, ""},
    {"data:image/svg+xml;base64,%%%", kind::refused, ""},
    {"data:image/svg+xml,%3", kind::refused, ""},
    {"data:image/svg+xml", kind::refused, ""},
    {"data:image/png;base64,!!", kind::refused, ""},
    {"data:text/html,x", kind::refused, ""},
    {"<!DOCTYPE html><p>x", kind::refused, ""},
    {"text <DIV class='x'>", kind::refused, ""},
    {"<script src=x>", kind::refused, ""},
    {"<svg>" + std::string(plenty, ' ') + "</svg>", kind::refused, ""},
    {std::string(plenty + 1, 'x'), kind::refused, ""},
  }));
  CAPTURE(text.substr(0, 100));
  const auto p = read_picture(text, plenty);
  CHECK(p.what == what);
  if (what == kind::refused)
    CHECK(p.content.size() > 10);
  else
    CHECK(p.content == content);
}

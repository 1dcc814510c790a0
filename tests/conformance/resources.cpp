#include "tests/conformance/everything.hpp"

namespace mcp::everything {
namespace {

using tools::call_context;
using tools::resource;
using tools::resource_contents;
using tools::resource_template;
using tools::text_values;

resource_contents one(json::object content) {
  resource_contents out;
  out.push_back(std::move(content));
  return out;
}

task<resource_contents> read_text(call_context&, std::string uri) {
  co_return one({{"uri", uri},
                 {"mimeType", "text/plain"},
                 {"text", "This is the content of the static text resource."}});
}

task<resource_contents> read_binary(call_context&, std::string uri) {
  co_return one({{"uri", uri}, {"mimeType", "image/png"}, {"blob", tiny_png}});
}

task<resource_contents> read_watched(call_context&, std::string uri) {
  co_return one({{"uri", uri},
                 {"mimeType", "text/plain"},
                 {"text", "Watched resource content"}});
}

task<resource_contents> read_template(call_context&, std::string uri,
                                      text_values values) {
  json::object data{{"id", values["id"]},
                    {"templateTest", true},
                    {"data", "Data for ID: " + values["id"]}};
  co_return one({{"uri", uri},
                 {"mimeType", "application/json"},
                 {"text", json::serialize(data)}});
}

} // namespace

const std::vector<const resource*>& resources() {
  static const resource text{.uri = "test://static-text",
                             .name = "static_text",
                             .title = "Text",
                             .description = "A text that never changes.",
                             .mime_type = "text/plain",
                             .read = read_text};
  static const resource binary{.uri = "test://static-binary",
                               .name = "static_binary",
                               .title = "Picture",
                               .description = "A picture of one pixel.",
                               .mime_type = "image/png",
                               .read = read_binary};
  static const resource watched{.uri = "test://watched-resource",
                                .name = "watched",
                                .title = "Watched",
                                .description = "To subscribe to.",
                                .mime_type = "text/plain",
                                .read = read_watched};
  static const std::vector<const resource*> listed{&text, &binary, &watched};
  return listed;
}

const std::vector<const resource_template*>& templates() {
  static const resource_template data{.uri_template =
                                        "test://template/{id}/data",
                                      .name = "template_data",
                                      .title = "Data",
                                      .description = "Data of an ID.",
                                      .mime_type = "application/json",
                                      .variables = {{.name = "id"}},
                                      .read = read_template};
  static const std::vector<const resource_template*> listed{&data};
  return listed;
}

} // namespace mcp::everything

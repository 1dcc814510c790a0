#pragma once

// Forms that a client shows its user: flat objects of texts, numbers, yes or
// no, and choices, in every form that the protocol has for them.

#include "protocol/errors.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mcp {

struct text_field {
  std::optional<std::string> preset = {}; // "default"
  std::string format = {};                // "email", "uri", "date", "date-time"
  std::optional<int> min_length = {};     // characters
  std::optional<int> max_length = {};
};

struct number_field {
  std::optional<double> preset = {};
  bool whole = false; // "integer"
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};
};

struct yes_no_field {
  std::optional<bool> preset = {};
};

struct form_choice {
  std::string value;
  std::string title = {}; // what the user sees; empty: the value
};

/// How the choices are written.
enum class choice_form {
  plain,  // "enum", or "items":{"enum"}
  titled, // "oneOf", or "items":{"anyOf"}, of {"const","title"}
  legacy, // "enum" with "enumNames"; for one choice only
};

struct choice_field {
  std::vector<form_choice> choices;
  choice_form form = choice_form::plain;
  std::optional<std::string> preset = {};
};

struct choices_field { // any number of them
  std::vector<form_choice> choices;
  choice_form form = choice_form::plain; // not legacy
  std::optional<std::vector<std::string>> preset = {};
  std::optional<int> min_items = {};
  std::optional<int> max_items = {};
};

struct form_field {
  std::string name;
  std::variant<text_field, number_field, yes_no_field, choice_field,
               choices_field>
    kind;
  bool required = false;
  std::string title = {};
  std::string description = {};
};

/// The "requestedSchema" of an elicitation, fields in the order given.
[[nodiscard]] boost::json::object
form_schema(const std::vector<form_field>& fields);

/// What a user filled in, made to fit the schema that was asked for.
/// Takes:  "content" of an accepted elicitation.
/// Gives:  the members that the schema names. Lenient where clients are: "30"
///         and 30.0 are the integer 30, "true" is a boolean, a single text is
///         a choice of one, a number is a text; null counts as absent.
/// Errors: `invalid_params` naming the first field that is missing, mistyped,
///         not among the choices or out of its bounds. Formats are not
///         checked. The values are not quoted.
[[nodiscard]] result<boost::json::object>
read_form_content(const boost::json::object& content,
                  const boost::json::object& schema);

} // namespace mcp

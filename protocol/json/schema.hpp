#pragma once

#include "protocol/errors.hpp"

#include <boost/json.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcp {

/// A tool's input schema, compiled once and used for every call.
class argument_schema {
public:
  /// Takes a JSON Schema of an object, as text. Throws std::invalid_argument
  /// when it is none: schemas are ours, so that is a mistake in the program.
  explicit argument_schema(std::string_view schema_text);
  ~argument_schema();
  argument_schema(argument_schema&&) noexcept;
  argument_schema& operator=(argument_schema&&) noexcept;

  /// Makes what a client sent into what the tool expects, or says what is
  /// wrong.
  /// - Lenient, because models and clients are: see `coerce`.
  /// - An optional member that is null, "", [] or {} counts as absent, and so
  ///   does one that the text of one of them was sent for.
  /// - Absent members that have a "default" get it.
  /// Takes:  the arguments, and lines about some that were refused already.
  /// Errors: `bad_argument`; the message names each path and what was expected
  ///         there, up to five of them: "limit: expected an integer from 1 to
  ///         10000, got a string". A member that the schema does not name is
  ///         one of them, with the names that are near it and all there are.
  /// Safe from several threads at once.
  [[nodiscard]] result<boost::json::object>
  accept(boost::json::object arguments,
         std::vector<std::string> refused = {}) const;

  /// The schema of an argument; null when there is none of that name.
  [[nodiscard]] const boost::json::object* of(std::string_view name) const;
  /// All arguments, as they stand in the schema.
  [[nodiscard]] std::span<const std::string> names() const;

private:
  struct impl;
  std::unique_ptr<const impl> impl_;
};

} // namespace mcp

// URLs of models as people write them, and whose token goes with them.
#pragma once

#include <string>

#include "base/result.h"

namespace tokenmark {

// The hub of models: https://huggingface.co, or what HF_ENDPOINT names, as its own tools have it.
std::string hub_url();

// "hf:OWNER/NAME/FILE" as the hub's address of that file in its main revision; other texts must be http or https URLs.
Result<std::string> download_url(const std::string& text);

// HF_TOKEN for addresses of the hub; empty for all others.
std::string token_for(const std::string& url);

// The last part of the URL's path, decoded; an error if that is no name for a file.
Result<std::string> file_name_of(const std::string& url);

// For messages: without user, password and query, which may hold keys.
std::string shown_url(const std::string& url);

// "https://host:port" in lower case, the port always there; empty: not an http or https URL.
std::string origin_of(const std::string& url);

}  // namespace tokenmark

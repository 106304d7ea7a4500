// Text in CSV files and Markdown tables: nothing in it can end a cell or a comment line, or be run as a formula. Pure
// functions, any thread.
#pragma once

#include <string>

namespace tokenmark {

// A comment line cannot be left by a line break in a name.
std::string csv_line(std::string text);
// Quoted where needed; a leading '=', '+', '-' or '@' would be run as a formula by spreadsheets, so a ' goes before it.
std::string csv_cell(const std::string& text);
std::string markdown_cell(const std::string& text);

}  // namespace tokenmark

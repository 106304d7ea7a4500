#include "core/report/csv_cells.h"
#include "core/report/timeline.h"

namespace tokenmark {
namespace {

std::string known(std::int32_t tokens) { return tokens >= 0 ? fmt::format("{}", tokens) : std::string(); }

std::string class_of(const Timeline& timeline, const TimelineBar& bar) {
  const auto index = static_cast<std::size_t>(bar.traffic_class);
  return index < timeline.class_names.size() ? csv_cell(timeline.class_names[index]) : std::string();
}

}  // namespace

std::string timeline_csv(const Timeline& timeline) {
  std::string csv = fmt::format("# {} · {}\n# times in seconds since the run's start, rates a second\n", csv_line(timeline.title),
                                csv_line(timeline.subtitle));
  csv += "# request: from_s is send_start; cell: shares of so many slots over that time, where requests are too many to list;\n"
         "# bin: means over that time; power, meter: readings of the devices that computed\n";
  if (timeline.steady) csv += fmt::format("# steady state: {} … {}\n", timeline.steady->from_s, timeline.steady->to_s);
  for (const std::string& note : timeline.notes) csv += "# note: " + csv_line(note) + "\n";
  csv += "kind,request,slot,slots,class,intended_s,from_s,first_token_s,to_s,input_tokens,output_tokens,error,warmup,"
         "late,waiting,streaming,failed,in_flight,in_flight_peak,tok_s,arrivals_s,power_w,meter,value\n";
  for (const TimelineBar& bar : timeline.bars)
    csv += fmt::format("request,{},{},1,{},{},{},{},{},{},{},{},{},,,,,,,,,,,\n", bar.request, bar.slot, class_of(timeline, bar), bar.intended_s,
                       bar.sent_s, bar.first_token_s ? fmt::format("{}", *bar.first_token_s) : std::string(), bar.end_s,
                       known(bar.input_tokens), known(bar.output_tokens),
                       bar.error == RequestError::none ? std::string_view() : request_error_name(bar.error), bar.warmup ? 1 : 0);
  if (const auto& grid = timeline.grid) {
    const double width = (grid->time.to_s - grid->time.from_s) / grid->columns;
    for (std::size_t i = 0; i < grid->cells.size(); ++i) {
      const TimelineCell& cell = grid->cells[i];
      if (cell.late + cell.waiting + cell.streaming + cell.failed <= 0) continue;
      const auto columns = static_cast<std::size_t>(grid->columns);
      const auto row = static_cast<std::int32_t>(i / columns);
      const double from = grid->time.from_s + static_cast<double>(i % columns) * width;
      csv += fmt::format("cell,,{},{},,,{},,{},,,,,{},{},{},{},,,,,,,\n", grid->first_slot + row * grid->slots_per_row, grid->slots_per_row,
                         from, from + width, cell.late, cell.waiting, cell.streaming, cell.failed);
    }
  }
  for (const TimelineBin& bin : timeline.bins)
    csv += fmt::format("bin,,,,,,{},,{},,,,,,,,,{},{},{},{},,,\n", bin.time.from_s, bin.time.to_s, bin.in_flight, bin.in_flight_peak,
                       bin.tok_s, bin.arrivals_s);
  for (const XY& at : timeline.power_w) csv += fmt::format("power,,,,,,{},,,,,,,,,,,,,,,{},,\n", at.x, at.y);
  for (const TimelineCurve& curve : timeline.meters)
    for (const XY& at : curve.values) csv += fmt::format("meter,,,,,,{},,,,,,,,,,,,,,,,{},{}\n", at.x, csv_cell(curve.key), at.y);
  return csv;
}

}  // namespace tokenmark

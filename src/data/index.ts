export { type Batches, type BatchOptions, batches } from "./batches.js";
export { type CsvOptions, parseCsv, readCsv, type TableOptions } from "./csv.js";
export type { Classes } from "./encode.js";
export type { FileOptions } from "./file.js";
export { parseJson, readJson } from "./json.js";
export { minMax, type Scaling, standardize } from "./scale.js";
export { kFold, type Labels, type Split, type SplitOptions, trainTestSplit } from "./split.js";
export { type ClassOptions, Table } from "./table.js";
export type {
  Cell,
  Columns,
  ColumnType,
  Fill,
  Read,
  Row,
  TableLike,
  TypeOf,
  TypesOf,
  Values,
  With,
  Without,
} from "./types.js";

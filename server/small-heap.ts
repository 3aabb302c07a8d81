import { setFlagsFromString } from "node:v8";

// To be imported first by a process that runs for long. A large directory stays in memory while it is read, and rendering a page
// leaves megabytes behind: V8 would let twice as much pile up before it collects, for a speed that this work doesn't need.
setFlagsFromString("--heap-growing-percent=20");

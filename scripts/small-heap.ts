import { setFlagsFromString } from "node:v8";

// To be imported by a process that works in the background. A large directory stays in memory while it is read, and V8
// would let twice as much pile up before it collects, for a speed that such work doesn't need.
setFlagsFromString("--heap-growing-percent=20");

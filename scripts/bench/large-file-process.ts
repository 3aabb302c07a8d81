import { createServer } from "node:http";

/** A process of its own that answers every request with the same 20 MB, as fast as they are taken. */
const FILE = Buffer.alloc(20_000_000, "x");

createServer((request, response) => {
  request.resume();
  response.setHeader("content-type", "application/octet-stream");
  response.end(FILE);
}).listen(Number(process.env.PORT), "127.0.0.1");

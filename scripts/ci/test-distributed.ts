import { exitWith, runVitest } from "./test-tools";

const USAGE = `npm run test:distributed -- ADDRESS [FILE…]
ADDRESS is a superuser's address of a database on a Citus coordinator. The tests delete its data.`;

const [, , address = "", ...files] = process.argv;
if (!/^postgres(?:ql)?:\/\//.test(address)) {
  console.error(USAGE);
  process.exit(1);
}

/** `npm run test:distributed`: runs the database tests on a distributed PostgreSQL. */
await exitWith(() => runVitest("citus", { CITUS_URL: address }, files));

import NextAuth from "next-auth";
import { authOptions } from "@/lib/auth/auth-options";

type Context = { params: Promise<{ nextauth: string[] }> };

/** next-auth's own routes: the only ones that read the session's cookie and aren't GET (S4). */
const handler = (request: Request, context: Context) =>
  NextAuth(request as never, context as never, authOptions());

export { handler as GET, handler as POST };

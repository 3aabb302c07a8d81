import NextAuth from "next-auth";
import { authOptions } from "@/lib/auth/auth-options";

type Context = { params: Promise<{ nextauth: string[] }> };

/** next-auth's routes: the only non-GET routes that read the session cookie (S4). */
const handler = (request: Request, context: Context) =>
  NextAuth(request as never, context as never, authOptions());

export { handler as GET, handler as POST };

/** The systems that Sparekey can bring a new password to. A new one is one file and one line here. */
export const connectors = [] as const;

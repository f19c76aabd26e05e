#!/usr/bin/env node
/** Starts the command line, nothing else; refuses a Node that is too old before anything newer is loaded. */
const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 26) {
  process.stderr.write(
    `Sparekey needs Node 26 or newer; this is ${process.versions.node}. \`npm start\` brings its own.\n`,
  );
  process.exit(1);
}
const { runCli } = await import('./cli/cli.ts');
await runCli(process.argv);

export {};

#!/usr/bin/env -S node --max-semi-space-size=4
// The installed command. From a checkout, `npm run sparekey -- …` builds first and brings its own Node.
import '../dist/main.js';

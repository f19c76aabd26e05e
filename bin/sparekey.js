#!/usr/bin/env node
// The installed command. From a checkout, `npm run sparekey -- …` builds first and brings its own Node.
import '../dist/main.js';

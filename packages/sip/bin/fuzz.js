#!/usr/bin/env node
// Committed, so that the script exists before anything is built (npm links bins at install time).
import '../build/testing/fuzz/main.js';

"""What Cloudflare's type declarations say that a Worker finds, against what pyworkers has."""

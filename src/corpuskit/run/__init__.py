"""Running: which tasks a build has, what each depends on, and the engines that run them."""

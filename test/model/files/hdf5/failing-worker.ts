/** A thread that ends before it has looked at a file. */
throw new Error('no memory');

/** Models by name: Hugging Face's hub and its cache on the disk, shared with Python's huggingface_hub. */
package org.primer4j.model.hub;
